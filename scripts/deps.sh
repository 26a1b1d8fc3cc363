#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# deps.sh [-n]: install the Debian packages that building, testing and linting
# need, those that are missing. -n only names them. A suite that needs more names
# it in selftests/SUITE/deps, a package a word, # begins a comment.

set -euo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)

packages=(
	# building
	gcc g++ clang make pkg-config libc6-dev linux-libc-dev
	# linting
	clang-format git perl shellcheck sparse python3-docutils
	# unpacking into the cache, building against kernel headers
	ca-certificates debian-archive-keyring xz-utils libelf-dev
	# models
	spin
	# peers and plots of the bench
	libdpdk-dev libck-dev liburing-dev gnuplot-nox
)

say()
{
	printf 'deps: %s\n' "$*" >&2
}

as_root()
{
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		say "neither root nor sudo; run this as root:"
		say "  $*"
		exit 1
	fi
}

installed()
{
	dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null |
		grep -qx installed
}

missing()
{
	local package

	for package in "${packages[@]}"; do
		installed "$package" || printf '%s\n' "$package"
	done
}

# The sanitizers' runtime is named after the version of clang; nothing as long as
# apt has no lists.
clang_runtime()
{
	{ apt-cache depends clang 2>/dev/null || :; } |
		sed -n 's/^ *Depends: clang-\([0-9]*\)$/libclang-rt-\1-dev/p'
}

dry=false
case $#:${1:-} in
0:) ;;
1:-n) dry=true ;;
*)
	echo "usage: ${0##*/} [-n]" >&2
	exit 2
	;;
esac
if ! command -v apt-get >/dev/null; then
	say "not a Debian system; what is needed: ${packages[*]}"
	exit 1
fi
for file in "$top"/selftests/*/deps; do
	[ -r "$file" ] || continue
	mapfile -t -O ${#packages[@]} packages \
		< <(sed 's/#.*//' "$file" | tr -s '[:space:]' '\n' | grep .)
done
if [ "$(dpkg --print-architecture)" = amd64 ]; then
	packages+=(gcc-multilib g++-multilib)
fi

mapfile -t wanted < <(missing)
runtime=$(clang_runtime)
if [ "${#wanted[@]}" -eq 0 ] && [ -n "$runtime" ] && installed "$runtime"; then
	say "nothing is missing"
	exit 0
fi
if $dry; then
	printf '%s\n' "${wanted[@]}"
	exit 0
fi

say "apt-get update"
as_root apt-get -q -o Acquire::Retries=3 update >/dev/null ||
	say "some of the machine's package lists could not be fetched; going on"
runtime=$(clang_runtime)
[ -z "$runtime" ] || packages+=("$runtime")
mapfile -t wanted < <(missing)
if [ "${#wanted[@]}" -ne 0 ]; then
	say "apt-get install ${wanted[*]}"
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
		-o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 install --no-install-recommends \
		"${wanted[@]}" >&2
fi
