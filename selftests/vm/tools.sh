#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# tools.sh NAME: make sure that QEMU and virtiofsd are in the cache, print the path
# of NAME: qemu-system-x86_64, qemu-system-aarch64 or virtiofsd.
#
# They are those of Debian 13, unpacked and started through their own loader:
# QEMU 7.2, which Debian 12 has, loses track of patched kernel text when it
# emulates more than one CPU.

set -euo pipefail

. "$(dirname "$0")/common.sh"
. "$vm_dir/suite.sh"

suite=trixie
recipe=1

# make_tool PROGRAM PACKAGE: into $work, the program at usr/bin as wrap() wants it.
make_tool()
{
	local libexec

	suite_update "$suite"
	vm_need_root
	TMPDIR=$vm_cache mmdebstrap --quiet --mode=root --variant=extract \
		--aptopt='Acquire::Retries "3"' \
		--include="$2" "$suite" "$work/root" "$(vm_sources "$suite")" \
		>&2
	libexec=$work/root/usr/libexec/$1
	[ ! -e "$libexec" ] || ln -s "../libexec/$1" "$work/root/usr/bin/$1"
	# shellcheck disable=SC2016 # expanded when it runs
	case $1 in
	qemu-*) wrap "$1" '-L "$root/usr/share/qemu"' \
		'-L "$root/usr/share/seabios"' ;;
	*) wrap "$1" ;;
	esac
}

name=${1:-}
case $name in
qemu-system-x86_64) package=qemu-system-x86 ;;
qemu-system-aarch64) package=qemu-system-arm ;;
virtiofsd) package=virtiofsd ;;
*) vm_die "usage: ${0##*/} qemu-system-x86_64|qemu-system-aarch64|virtiofsd" ;;
esac

place=$vm_cache/tools/$name-$recipe
if [ ! -d "$place" ]; then
	mkdir -p "$vm_cache/tools"
	vm_lock "$name"
	if [ ! -d "$place" ]; then
		work=$(mktemp -d "$vm_cache/$name.XXXXXX")
		trap 'rm -rf --one-file-system "$work"' EXIT
		vm_step "$name of $suite, unpacked" make_tool "$name" "$package"
		chmod 755 "$work"
		mv -T "$work" "$place"
	fi
fi
printf '%s\n' "$place/$name"
