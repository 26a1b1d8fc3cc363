#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# chroot.sh [-b] [-w FOLDER] KERNEL COMMAND ARG...: run a command on this machine in
# the root of that kernel's suite: its compiler at native speed. The root is
# read-only there, FOLDER is /srv, /tmp is empty. In the environment: VM_HEADERS, the
# kernel's headers; VM_RELEASE, its name. With -b neither: there is no kernel yet.

set -euo pipefail

. "$(dirname "$0")/common.sh"

usage()
{
	vm_die "usage: ${0##*/} [-b] [-w FOLDER] KERNEL COMMAND ARG..."
}

before=false
work=
while getopts bw: opt; do
	case $opt in
	b) before=true ;;
	w) work=$(cd "$OPTARG" && pwd) ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
[ $# -ge 2 ] || usage
vm_need_root
if $before; then
	vm_conf "$1"
	kernel_dir='' headers='' release=''
else
	vm_kernel "$1"
fi
shift
mnt=$(mktemp -d)
trap 'rmdir "$mnt"' EXIT

# The mounts are seen by nobody else and end with the command.
# shellcheck disable=SC2016 # the inner shell's
unshare --mount --propagation private bash -euc '
	root=$1 mnt=$2 work=$3 kernel=$4
	shift 4
	mount --bind "$root" "$mnt"
	mount -o remount,bind,ro "$mnt"
	mount -t proc proc "$mnt/proc"
	mount --rbind /dev "$mnt/dev"
	mount -t tmpfs tmpfs "$mnt/tmp"
	[ -z "$work" ] || mount --bind "$work" "$mnt/srv"
	[ -z "$kernel" ] || mount --bind -o ro "$kernel/headers" "$mnt/mnt"
	exec chroot "$mnt" "$@"
' vm-chroot "$root" "$mnt" "$work" "$kernel_dir" /usr/bin/env -i HOME=/root LANG=C.UTF-8 \
	TERM="${TERM:-dumb}" PATH=/usr/sbin:/usr/bin:/sbin:/bin \
	VM_HEADERS="$headers" VM_RELEASE="$release" \
	/bin/bash -c 'cd /srv && exec "$@"' bash "$@"
