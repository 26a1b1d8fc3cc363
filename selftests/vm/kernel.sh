#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# kernel.sh [-f] NAME: make sure that a kernel which is built here is in the cache,
# print its folder: image, release, config, modules.builtin, and headers/, for
# modules. kernels/NAME.conf names the fragments of its configuration.
#
# The folder is keyed by those, the version of the source and that of the compiler;
# -f builds it anew although it is there.

set -euo pipefail

. "$(dirname "$0")/common.sh"

# Raised when the same fragments and source would make another folder.
recipe=1
limit=5400

usage()
{
	echo "usage: ${0##*/} [-f] NAME" >&2
	exit 2
}

fragment_files()
{
	local fragment

	for fragment in $fragments; do
		printf '%s\n' "$vm_dir/kernels/config/$fragment.config"
	done
}

# key FILE...: comments make no other kernel.
key()
{
	{
		echo "$recipe"
		cat "$source/packages"
		ls "$root"/usr/lib/gcc/*/
		grep -hE '^(# )?CONFIG_' "$@"
	} | sha256sum | cut -c1-12
}

make_kernel()
{
	mkdir "$work/linux" "$work/config"
	tar -C "$work/linux" --strip-components=1 \
		-xf "$source"/linux-source-*.tar.xz
	cp "$vm_dir/guest/build-kernel" "$work"
	cp "${files[@]}" "$work/config"
	timeout "$limit" nice -n 10 "$vm_dir/chroot.sh" -b -w "$work" "$name" \
		/srv/build-kernel "${files[@]##*/}" >"$work/log" 2>&1 || {
		tail -n 30 "$work/log" | sed 's/^/  | /' >&2
		vm_die "kernel $name does not build"
	}
	chmod 755 "$work/out"
	rm -rf --one-file-system "$place"
	mv -T "$work/out" "$place"
}

force=false
while getopts f opt; do
	case $opt in
	f) force=true ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
[ $# -eq 1 ] || usage
name=$1
vm_conf "$name"
[ -n "$fragments" ] || vm_die "kernel $name is not built here"
mapfile -t files < <(fragment_files)
source=$("$vm_top/scripts/cache.sh" linux-source)
place=$vm_cache/kernels/$name-$(key "${files[@]}")
if $force || [ ! -d "$place" ]; then
	vm_need_root
	mkdir -p "$vm_cache/kernels"
	vm_lock "kernel-$name"
	if $force || [ ! -d "$place" ]; then
		work=$(mktemp -d "$vm_cache/kernel-$name.XXXXXX")
		trap 'rm -rf --one-file-system "$work"' EXIT
		vm_step "build kernel $name (a quarter of an hour)" make_kernel
	fi
fi
printf '%s\n' "$place"
