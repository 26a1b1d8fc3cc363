#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# cache.sh NAME: make sure a tool or a source is in the cache, print its path.
#
#   linux         folder: checkpatch.pl, kernel-doc, kselftest_harness.h, the
#                 memory model, out of Debian's linux-source-6.12
#   linux-source  folder: that source whole, still a tarball, 150 MB; "packages"
#                 in it names the version
#   herd7         executable: herdtools7 of sid, with the libc it wants
#   cbmc          executable: of trixie, likewise (goto-cc beside it)
#   clang-format  executable: of bookworm; another version formats otherwise
#   headers-6.1   folder: kernel headers (cloud flavour) for building a module
#   headers-6.12  likewise
#
# Sourced, it only gives its functions, those for apt to selftests/vm.
#
# Nothing is installed: packages are downloaded with apt and unpacked. Other
# suites than the machine's own come from the mirror the machine uses already,
# through an apt configuration of their own. What is done is said on stderr.

set -euo pipefail

# Raised when what stands in the cache is no longer what this script would put
# there.
recipe=1

cache=${PCRING_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pcring}

arch=$(dpkg --print-architecture)
case $arch in
amd64) triple=x86_64-linux-gnu ;;
arm64) triple=aarch64-linux-gnu ;;
*) triple=$arch-linux-gnu ;;
esac

say()
{
	printf 'cache: %s\n' "$*" >&2
}

die()
{
	say "$*"
	exit 1
}

usage()
{
	say "usage: ${0##*/} linux|linux-source|herd7|cbmc|clang-format|headers-6.1|headers-6.12"
	exit 2
}

# again COMMAND...: a second time if it fails; networks do.
again()
{
	"$@" && return
	say "failed, once more in 10 s: $*"
	sleep 10
	"$@"
}

# ---- apt ---------------------------------------------------------------------

# The mirror the machine uses, out of apt's own configuration.
mirror()
{
	apt-get indextargets --format "\$(REPO_URI)" "Created-By: Packages" \
		"Origin: Debian" "Label: Debian" 2>/dev/null | sed -n 1p
}

# Lists that were never fetched name no origin yet.
mirror_after_update()
{
	local uri

	uri=$(mirror)
	if [ -z "$uri" ]; then
		say "apt has no lists yet: apt-get update"
		again as_root apt-get -q update >&2
		uri=$(mirror)
	fi
	[ -n "$uri" ] || die "no Debian mirror in apt's configuration"
	printf '%s\n' "$uri"
}

as_root()
{
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		die "'$*' needs root, and there is no sudo"
	fi
}

# suite_apt SUITE TOOL ARGS...: apt-get or apt-cache, but for that suite, and as if
# nothing were installed: of what is, apt would want that very version.
suite_apt()
{
	local dir=$cache/apt/$1 tool=$2

	shift 2
	"$tool" -q -o "Dir::Etc::sourcelist=$dir/sources.list" \
		-o "Dir::Etc::sourceparts=-" -o "Dir::State::lists=$dir/lists" \
		-o "Dir::Cache=$dir/cache" -o "Dir::State::status=/dev/null" \
		-o "APT::Sandbox::User=root" \
		-o "Dir::Etc::preferences=$dir/none" \
		-o "Dir::Etc::preferencesparts=$dir/none" \
		-o "APT::Get::List-Cleanup=0" -o "Acquire::Languages=none" \
		-o "Acquire::Retries=3" "$@"
}

# suite_update SUITE: its lists, not older than a day. One at a time.
suite_update()
{
	local dir=$cache/apt/$1 uri
	local keys=/usr/share/keyrings/debian-archive-keyring.gpg

	mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial" "$dir/none"
	exec 8>"$dir/lock"
	flock 8
	if [ -z "$(find "$dir/updated" -mmin -1440 2>/dev/null)" ]; then
		uri=$(mirror_after_update)
		say "apt lists of $1"
		printf 'deb [signed-by=%s] %s %s main\n' "$keys" "$uri" "$1" \
			>"$dir/sources.list"
		again suite_apt "$1" apt-get update >&2
		touch "$dir/updated"
	fi
	exec 8>&-
}

# suite_download SUITE PACKAGE...: into the current folder. A version that lists of
# yesterday name may have gone from the mirror since: newer lists, once.
suite_download()
{
	local suite=$1

	shift
	suite_apt "$suite" apt-get download "$@" >&2 && return
	say "failed; newer lists, then once more"
	rm -f "$cache/apt/$suite/updated"
	suite_update "$suite" && suite_apt "$suite" apt-get download "$@" >&2
}

# suite_unpack SUITE FOLDER PACKAGE...: download them and unpack there.
suite_unpack()
{
	local suite=$1 into=$2 debs deb

	shift 2
	debs=$into.debs
	mkdir -p "$debs" "$into"
	say "download from $suite: $*"
	(cd "$debs" && suite_download "$suite" "$@")
	for deb in "$debs"/*.deb; do
		say "unpack ${deb##*/}"
		dpkg-deb -x "$deb" "$into"
	done
	(cd "$debs" && printf '%s\n' *.deb) >>"$into/packages"
	rm -rf "$debs"
}

# wrap PROGRAM ARGS...: a script of that name which starts the program of the
# unpacked tree through that tree's own loader. The libraries reach this program
# alone, not its children. An argument may speak of $root.
wrap()
{
	local program=$1 lib=lib/$triple

	shift
	cat >"$work/$program" <<-EOF
		#!/bin/bash
		root=\$(dirname "\$(readlink -f "\$0")")/root
		for ld in "\$root"/{,usr/}$lib/ld-linux-*.so.*; do
			[ ! -e "\$ld" ] || break
		done
		exec "\$ld" --argv0 $program \\
			--library-path "\$root/$lib:\$root/usr/$lib:\$root/usr/lib" \\
			"\$root/usr/bin/$program" $* "\$@"
	EOF
	chmod +x "$work/$program"
	"$work/$program" --version >/dev/null 2>&1 ||
		"$work/$program" -version >/dev/null ||
		die "$program does not start"
}

# ---- the pieces: each fills $work, which is then renamed to $place -----------

source_name=linux-source-6.12

# The machine's own version, or where it has none trixie's.
download_source()
{
	if apt-cache show "$source_name" >/dev/null 2>&1; then
		say "download $source_name (about 150 MB)"
		machine_download "$source_name" && return
	fi
	suite_update trixie
	say "download $source_name from trixie (about 150 MB)"
	suite_download trixie "$source_name"
}

machine_download()
{
	local get=(apt-get -q -o APT::Sandbox::User=root -o Acquire::Retries=3)

	"${get[@]}" download "$1" >&2 && return
	say "failed; newer lists, then once more"
	as_root apt-get -q update >&2
	"${get[@]}" download "$1" >&2
}

make_linux_source()
{
	local deb

	mkdir -p "$work/debs"
	(cd "$work/debs" && download_source)
	deb=$(printf '%s\n' "$work"/debs/*.deb)
	say "unpack the tarball in ${deb##*/}"
	dpkg-deb --fsys-tarfile "$deb" |
		tar -xO "./usr/src/$source_name.tar.xz" \
			>"$work/$source_name.tar.xz"
	printf '%s\n' "${deb##*/}" >"$work/packages"
	rm -rf "$work/debs"
}

make_linux()
{
	local source
	local members=(
		.clang-format
		LICENSES
		scripts/checkpatch.pl
		scripts/const_structs.checkpatch
		scripts/extract-vmlinux
		scripts/kernel-doc
		scripts/spelling.txt
		tools/include/uapi/linux/bpf.h
		tools/memory-model
		tools/testing/selftests/kselftest
		tools/testing/selftests/kselftest.h
		tools/testing/selftests/kselftest_harness.h
		tools/testing/selftests/lib.mk
	)

	source=$("$0" linux-source)
	say "unpack what is needed of $source_name"
	xz -dc -T0 "$source/$source_name.tar.xz" |
		tar -x -C "$work" --strip-components=1 \
			"${members[@]/#/$source_name/}"
	cp "$source/packages" "$work/packages"
}

make_herd7()
{
	suite_update sid
	suite_unpack sid "$work/root" herdtools7 libc6 libgmp10
	# shellcheck disable=SC2016 # expanded when it runs
	wrap herd7 -set-libdir '"$root/usr/share/herdtools7/herd"'
}

make_cbmc()
{
	suite_update trixie
	suite_unpack trixie "$work/root" cbmc libc6 libgcc-s1 libstdc++6 \
		minisat zlib1g
	wrap cbmc
	wrap goto-cc
	wrap goto-instrument
}

make_clang_format()
{
	suite_update bookworm
	suite_unpack bookworm "$work/root" clang-format-14 libclang-cpp14 \
		libllvm14 libc6 libgcc-s1 libstdc++6 libedit2 libffi8 libtinfo6 \
		libxml2 libz3-4 zlib1g libbsd0 libicu72 liblzma5 libmd0
	mv "$work/root/usr/bin/clang-format-14" "$work/root/usr/bin/clang-format"
	wrap clang-format
}

# make_headers SUITE: the newest cloud flavour it has. The packages name one
# another by absolute paths, which become those of the final place.
make_headers()
{
	local suite=$1 packages file
	local meta=linux-headers-cloud-$arch

	suite_update "$suite"
	packages=$(suite_apt "$suite" apt-cache depends --recurse \
		--no-recommends --no-suggests --no-conflicts --no-breaks \
		--no-replaces --no-enhances "$meta" |
		grep -E '^linux-(headers-[0-9]|kbuild)')
	# shellcheck disable=SC2086 # several words
	suite_unpack "$suite" "$work/root" $packages
	grep -rlIE '/usr/(src|lib)/linux-' "$work"/root/usr/src/*/Makefile \
		"$work"/root/usr/src/*/.kernelvariables |
		while read -r file; do
			sed -i "s#/usr/\(src\|lib\)/linux-#$place/root&#g" \
				"$file"
		done
	(cd "$work" && ln -s root/usr/src/linux-headers-*-cloud-"$arch" build)
}

make_headers_6_1()
{
	make_headers bookworm
}

make_headers_6_12()
{
	local codename

	codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
	if [ "$codename" = bookworm ]; then
		make_headers bookworm-backports
	else
		make_headers trixie
	fi
}

# ---- main --------------------------------------------------------------------

[ "${BASH_SOURCE[0]}" = "$0" ] || return 0

[ $# -eq 1 ] || usage
name=$1
case $name in
linux | linux-source) result='' ;;
herd7 | cbmc | clang-format) result=/$name ;;
headers-6.1 | headers-6.12) result=/build ;;
*) usage ;;
esac

place=$cache/$name
if [ ! -e "$place/.complete-$recipe" ]; then
	mkdir -p "$cache"
	exec 9>"$cache/$name.lock"
	if ! flock -n 9; then
		say "waiting for another that fetches $name"
		flock 9
	fi
	if [ ! -e "$place/.complete-$recipe" ]; then
		say "$name is not in $cache yet"
		work=$(mktemp -d "$cache/$name.XXXXXX")
		trap 'rm -rf "$work"' EXIT
		"make_${name//[-.]/_}"
		touch "$work/.complete-$recipe"
		chmod 755 "$work"
		rm -rf "$place"
		mv -T "$work" "$place"
		say "$name is ready in $place"
	fi
fi
printf '%s\n' "$place$result"
