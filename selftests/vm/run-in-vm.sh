#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# run-in-vm.sh [-nx] [-t SECONDS] KERNEL [COMMAND ARG...]: copy what git knows of
# this tree to build/vm/KERNEL/tree, build it there in the root of the kernel's
# suite, boot the kernel and run the command in /srv/tree: guest/tests if none is
# given. -n boots with what the last call copied and built; -t and -x are boot.sh's.

set -euo pipefail

. "$(dirname "$0")/common.sh"

usage()
{
	echo "usage: ${0##*/} [-nx] [-t SECONDS] KERNEL [COMMAND ARG...]" >&2
	exit 125
}

build=true
boot=()
while getopts nt:x opt; do
	case $opt in
	n) build=false ;;
	t) boot+=(-t "$OPTARG") ;;
	x) boot+=(-x) ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
[ $# -ge 1 ] || usage
kernel=$1
shift
[ $# -ge 1 ] || set -- selftests/vm/guest/tests
work=$vm_build/$kernel

# Files deleted and not yet committed are in git's list, but not here.
tree_files()
{
	local file

	git -c safe.directory='*' -C "$vm_top" ls-files |
		while IFS= read -r file; do
			[ ! -e "$vm_top/$file" ] || printf '%s\n' "$file"
		done | sort
}

# What was built stays, with the times of the sources; what has gone since the
# last copy goes there, too.
copy_tree()
{
	local old=$work/files

	mkdir -p "$work/tree"
	touch "$old"
	tree_files >"$old.new"
	comm -23 "$old" "$old.new" | (cd "$work/tree" && xargs -r -d '\n' rm -f)
	mv "$old.new" "$old"
	tar -C "$vm_top" -T "$old" -c | tar -C "$work/tree" -x
	copy_kselftest "$work/kselftest"
}

# copy_kselftest FOLDER: the harness ends a test that takes too long; its limit is as
# many times longer as this kernel is slower.
copy_kselftest()
{
	local harness=$1/kselftest_harness.h

	rm -rf "$1"
	cp -rL "$("$vm_top/scripts/cache.sh" linux)/tools/testing/selftests" "$1"
	grep -q 'alarm(t->timeout);' "$harness" ||
		vm_die "$harness: its limit is not where it was"
	sed -i "s/alarm(t->timeout);/alarm(t->timeout * $slow);/" "$harness"
}

build_tree()
{
	timeout 300 nice -n 10 "$vm_dir/chroot.sh" -w "$work" "$kernel" \
		tree/selftests/vm/guest/build >"$work/build.log" 2>&1 || {
		tail -n 30 "$work/build.log" | sed 's/^/  | /' >&2
		vm_die "it does not build; see $work/build.log"
	}
}

if $build; then
	vm_conf "$kernel"
	vm_step "copy the tree" copy_tree
	vm_step "build it for $kernel" build_tree
fi
exec "$vm_dir/boot.sh" "${boot[@]}" -w "$work" "$kernel" \
	/bin/bash -c 'cd /srv/tree && exec "$@"' bash "$@"
