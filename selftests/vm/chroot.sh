#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# chroot.sh [-w FOLDER] KERNEL COMMAND ARG...: run a command on this machine in the
# root of that kernel's suite: its compiler at native speed. The root is read-only
# there, FOLDER is /srv, /tmp is empty. In the environment: VM_HEADERS, the
# kernel's headers; VM_RELEASE, its name.

set -euo pipefail

. "$(dirname "$0")/common.sh"

work=
while getopts w: opt; do
	case $opt in
	w) work=$(cd "$OPTARG" && pwd) ;;
	*) vm_die "usage: ${0##*/} [-w FOLDER] KERNEL COMMAND ARG..." ;;
	esac
done
shift $((OPTIND - 1))
[ $# -ge 2 ] || vm_die "usage: ${0##*/} [-w FOLDER] KERNEL COMMAND ARG..."
vm_need_root
vm_kernel "$1"
shift
mnt=$(mktemp -d)
trap 'rmdir "$mnt"' EXIT

# The mounts are seen by nobody else and end with the command.
# shellcheck disable=SC2016 # the inner shell's
unshare --mount --propagation private bash -euc '
	root=$1 mnt=$2 work=$3
	shift 3
	mount --bind "$root" "$mnt"
	mount -o remount,bind,ro "$mnt"
	mount -t proc proc "$mnt/proc"
	mount --rbind /dev "$mnt/dev"
	mount -t tmpfs tmpfs "$mnt/tmp"
	[ -z "$work" ] || mount --bind "$work" "$mnt/srv"
	exec chroot "$mnt" "$@"
' vm-chroot "$root" "$mnt" "$work" /usr/bin/env -i HOME=/root LANG=C.UTF-8 \
	TERM="${TERM:-dumb}" PATH=/usr/sbin:/usr/bin:/sbin:/bin \
	VM_HEADERS="$headers" VM_RELEASE="$release" \
	/bin/bash -c 'cd /srv && exec "$@"' bash "$@"
