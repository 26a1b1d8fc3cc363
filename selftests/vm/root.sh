#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# root.sh [-f] SUITE: make sure that the root folder of a Debian release is in the
# cache, print its path.
#
# It holds what stands in packages and what the kernels of that suite name. The
# folder is keyed by that list, so another list makes another root; -f makes it
# anew although it is there (newer kernels). Nobody writes to it: machines put an
# overlay over it, builds happen in folders mounted into it.

set -euo pipefail

. "$(dirname "$0")/common.sh"

# Raised when a root made from the same list would be another.
recipe=1

usage()
{
	echo "usage: ${0##*/} [-f] SUITE" >&2
	exit 2
}

# list SUITE: what its kernels want, and what all roots hold.
list()
{
	local conf wanted=$1 suite packages arch=amd64

	sed 's/#.*//' "$vm_dir/packages" | grep .
	for conf in "$vm_dir"/kernels/*.conf; do
		suite='' packages=''
		# shellcheck disable=SC1090 # one of kernels/*.conf
		. "$conf"
		# shellcheck disable=SC2086 # several words
		[ "$suite" != "$wanted" ] || printf '%s\n' $packages
	done
}

# debootstrap FOLDER PACKAGES: the downloads are kept, by hard links. Retries: a
# mirror that says nothing for a moment is no reason to begin anew.
debootstrap()
{
	local dir=$1 include=$2 debs=$vm_cache/debs/$suite
	local archives=var/cache/apt/archives

	mkdir -p "$debs"
	# shellcheck disable=SC2016 # $1 is the hook's
	INITRD=No TMPDIR=$vm_cache nice -n 10 mmdebstrap --quiet --mode=root \
		--variant=apt --include="$include" \
		--aptopt='Acquire::Languages "none"' \
		--aptopt='Acquire::Retries "3"' \
		--dpkgopt=path-exclude='/usr/share/man/*' \
		--dpkgopt=path-exclude='/usr/share/locale/*' \
		--skip=essential/unlink,cleanup/apt/cache \
		--setup-hook="mkdir -p \"\$1/$archives\" &&
			find '$debs' -name '*.deb' -exec \
				ln -t \"\$1/$archives\" {} +" \
		--customize-hook="cp -ln -t '$debs' \"\$1/$archives\"/*.deb &&
			rm -f \"\$1/$archives\"/*.deb" \
		"$suite" "$dir" "$(vm_sources "$suite")" >&2
}

make_root()
{
	local include

	. "$vm_dir/suite.sh"
	command -v mmdebstrap >/dev/null ||
		vm_die "mmdebstrap is missing: scripts/deps.sh installs it"
	suite_update "$suite"
	include=$(list "$suite" | sort -u | paste -sd,)
	work=$(mktemp -d "$vm_cache/$suite.XXXXXX")
	trap 'rm -rf --one-file-system "$work"' EXIT
	debootstrap "$work" "$include"
	# Mount points, which nobody can make later.
	mkdir -p "$work/srv"
	chmod 755 "$work"
	rm -rf --one-file-system "$place"
	mv -T "$work" "$place"
	trap - EXIT
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
suite=$1

key=$({
	echo "$recipe"
	list "$suite" | sort -u
} | sha256sum | cut -c1-12)
place=$vm_cache/roots/$suite-$key
if $force || [ ! -d "$place" ]; then
	vm_need_root
	mkdir -p "$vm_cache/roots"
	vm_lock "$suite"
	if $force || [ ! -d "$place" ]; then
		vm_step "root of $suite (some 400 MB to download)" make_root
	fi
fi
printf '%s\n' "$place"
