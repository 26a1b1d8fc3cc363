#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# initramfs.sh KERNEL FILE: what that kernel starts with: busybox, guest/init, and
# the modules without which there is no root.

set -euo pipefail

. "$(dirname "$0")/common.sh"

# module NAME FOLDER: a copy of it, unpacked; nothing if it is built in.
module()
{
	local name=${1//_/[-_]} from

	from=$(find "$module_dir" -name "$name.ko*")
	case $from in
	*.xz) xz -dc "$from" >"$2/$1.ko" ;;
	*.ko) cp "$from" "$2/$1.ko" ;;
	'') grep -q "/$name.ko\$" "$module_dir/modules.builtin" ||
		vm_die "$release has no module $1" ;;
	*) vm_die "$from: packed in a way this script does not know" ;;
	esac
	if [ -e "$2/$1.ko" ]; then
		echo "$1" >>"$2/order"
	fi
}

[ $# -eq 2 ] || vm_die "usage: ${0##*/} KERNEL FILE"
vm_kernel "$1"
file=$(realpath -m "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
busybox=$(find "$root"/{,usr/}bin/busybox -print -quit 2>/dev/null)
mkdir -p "$work"/{bin,modules,proc,sys,dev,lower,upper,new}
cp "$busybox" "$work/bin/busybox"
cp "$vm_dir/guest/init" "$work/init"
chmod 755 "$work/init"
: >"$work/modules/order"
for name in $modules overlay; do
	module "$name" "$work/modules"
done
# Written to the side: somebody may be booting from the old one.
(cd "$work" && find . | "$busybox" cpio -o -H newc 2>/dev/null) >"$file.new"
mv "$file.new" "$file"
