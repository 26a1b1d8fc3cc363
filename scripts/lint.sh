#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# lint.sh [-C DIR] [CHECK]...: what a machine can say of the tracked files of this
# tree, or of DIR; as TAP, mostly a result a file. Checks, all if none is named:
#
#   checkpatch clang_format kernel_doc shellcheck docutils compile headers rules

set -u

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/.." && pwd)
if [ "${1:-}" = -C ]; then
	top=$(cd "$2" && pwd) || exit 2
	shift 2
fi
cd "$top" || exit 2
# shellcheck source=scripts/tap.sh
. "$here/tap.sh"
# shellcheck source=scripts/lint-rules.sh
. "$here/lint-rules.sh"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# files PATTERN...: the tracked ones that are there.
files()
{
	git ls-files -- "$@" | while read -r file; do
		[ ! -f "$file" ] || printf '%s\n' "$file"
	done
}

scripts()
{
	files | while read -r file; do
		case $file in
		*.sh) printf '%s\n' "$file" ;;
		*.*[a-z]) ;;
		*)
			if sed -n 1p "$file" | grep -qE '^#!.*\b(ba)?sh\b'; then
				printf '%s\n' "$file"
			fi
			;;
		esac
	done
}

# silent NAME LOG: passes if the log is there and empty.
silent()
{
	local status=0

	if [ ! -e "$2" ] || [ -s "$2" ]; then
		status=1
	fi
	tap_result "$status" "$1" <"$2"
}

# per_file CHECK STATUS LOG FILE...: a result a file; what is wrong with it are
# the lines of LOG that begin with its name.
per_file()
{
	local check=$1 status=$2 log=$3 file said=false

	shift 3
	for file; do
		if grep -F "$file:" "$log" | grep "^$file:" >"$scratch/file"; then
			said=true
			tap_result 1 "$check $file" <"$scratch/file"
		else
			tap_result 0 "$check $file" </dev/null
		fi
	done
	if [ "$status" -ne 0 ] && ! $said; then
		tap_result 1 "$check runs" <"$log"
	fi
}

# each CHECK FUNCTION FILE...: a result a file, as many at once as there are CPUs.
# FUNCTION is silent if all is well.
each()
{
	local check=$1 function=$2 file log

	shift 2
	[ $# -ne 0 ] || return 0
	export -f "${function?}"
	export scratch
	# shellcheck disable=SC2016 # expanded by the inner shell
	printf '%s\0' "$@" | xargs -0 -P "$(nproc)" -n 1 bash -c '
		log=$scratch/${2//\//+}
		"$1" "$2" >"$log" 2>&1 || echo "status $?" >>"$log"' \
		_ "$function"
	for file; do
		log=$scratch/${file//\//+}
		silent "$check $file" "$log"
	done
}

# What checkpatch asks for and we do not do, everywhere:
#  BIT_MACRO: BIT() and BIT_ULL() are no part of the kernel's UAPI.
#  SPACING, OPEN_ENDED_LINE, PARENTHESIS_ALIGNMENT: clang-format decides where
#  spaces and breaks go.
#  PREFER_DEFINED_ATTRIBUTE_MACRO, PREFER_KERNEL_TYPES, SSCANF_TO_KSTRTO, STRCPY,
#  STRLCPY, STRNCPY: userspace does not have what it asks for.
#  CONST_STRUCT: it knows the kernel's struct names and takes ours for them.
#  FILE_PATH_CHANGES, LONG_LINE_COMMENT: no patch; the limit is clang-format's.
checkpatch_ignores=BIT_MACRO,SPACING,OPEN_ENDED_LINE,FILE_PATH_CHANGES
checkpatch_ignores+=,PREFER_DEFINED_ATTRIBUTE_MACRO,PREFER_KERNEL_TYPES
checkpatch_ignores+=,SSCANF_TO_KSTRTO,STRCPY,STRLCPY,STRNCPY,CONST_STRUCT
checkpatch_ignores+=,LONG_LINE_COMMENT,PARENTHESIS_ALIGNMENT

# And in single files. The barriers' definitions need no comment of their own; a
# list of assertions names its arguments as often as it likes, and tests are full
# of macros that stand for declarations; LINE_SPACING takes those for code. A
# fuzzer's entry is in camel case, and so is C11's _Thread_local. ARRAY_SIZE() is
# the kernel's; a message that names object and value is longer than a line.
checkpatch_ignores_of()
{
	local tests=COMPLEX_MACRO,MACRO_ARG_REUSE,MACRO_ARG_UNUSED

	tests+=,MULTISTATEMENT_MACRO_USE_DO_WHILE,LINE_SPACING,ARCH_DEFINES
	tests+=,SPLIT_STRING,CAMELCASE,MACRO_ARG_PRECEDENCE,ARRAY_SIZE
	tests+=,CONSTANT_COMPARISON,LEADING_SPACE,UNNECESSARY_PARENTHESES
	case $1 in
	*/pcring_order.h) echo COMPLEX_MACRO,MEMORY_BARRIER,MACRO_ARG_REUSE ;;
	*/abi_check.h) echo CAMELCASE,MACRO_ARG_REUSE,MACRO_ARG_PRECEDENCE ;;
	*/bench/ring.h) echo "$tests,FLEXIBLE_ARRAY" ;; # one word is one
	selftests/*) echo "$tests" ;;
	kmod/desc.c) echo MACRO_ARG_PRECEDENCE ;; # a field is no expression
	lib/*) echo ARCH_DEFINES,CAMELCASE,MACRO_ARG_PRECEDENCE,ARRAY_SIZE,SPLIT_STRING ;;
	esac
}

checkpatch_one()
{
	local more

	# It leaves a file behind where it runs.
	cd "$scratch" || return
	mkdir -p include
	more=$(checkpatch_ignores_of "$1")
	"$LINUX/scripts/checkpatch.pl" --no-tree --root=. --strict --terse --show-types \
		--no-summary --quiet --ignore "$IGNORES${more:+,$more}" \
		-f "$top/$1" | sed "s|^$top/||"
	return "${PIPESTATUS[0]}"
}

check_checkpatch()
{
	local list

	mapfile -t list < <(files '*.c' '*.h')
	LINUX=$("$here/cache.sh" linux) || return
	IGNORES=$checkpatch_ignores
	export LINUX IGNORES top
	export -f checkpatch_ignores_of
	each checkpatch checkpatch_one "${list[@]}"
}

check_clang_format()
{
	local list status=0

	mapfile -t list < <(files '*.c' '*.h' '*.cc')
	"$here/format.sh" --dry-run -Werror "${list[@]}" >"$scratch/log" 2>&1 ||
		status=$?
	per_file clang_format "$status" "$scratch/log" "${list[@]}"
}

# Padding and reserved space between the fields says nothing and needs no text.
check_kernel_doc()
{
	local list linux status=0

	mapfile -t list < <(files 'uapi/linux/*.h' 'lib/include/*.h')
	linux=$("$here/cache.sh" linux) || return
	"$linux/scripts/kernel-doc" -none "${list[@]}" >"$scratch/all" 2>&1 ||
		status=$?
	grep -vE "member 'pad[0-9]+' not described" "$scratch/all" \
		>"$scratch/log"
	per_file kernel_doc "$status" "$scratch/log" "${list[@]}"
}

check_shellcheck()
{
	local list status=0

	mapfile -t list < <(scripts)
	shellcheck -x -P SCRIPTDIR -P "$PWD" -f gcc "${list[@]}" >"$scratch/log" 2>&1 || status=$?
	per_file shellcheck "$status" "$scratch/log" "${list[@]}"
}

check_docutils()
{
	local file

	while read -r file; do
		tap_run "docutils $file" /usr/bin/python3 -m docutils \
			--report=2 --halt=2 --writer=pseudoxml "$file" \
			"$scratch/xml"
	done < <(files '*.rst')
}

# ---- compilers ---------------------------------------------------------------

compile_one()
{
	local file=$1 compiler cc flags=() status=0

	case $file in
	lib/*) flags=(-Ilib) ;;
	selftests/shm/*) flags=(-Ilib -Wno-unused-parameter) ;;
	selftests/bench/*) read -ra flags <<<"-DALLOW_EXPERIMENTAL_API $DPDK" ;;
	selftests/*) flags=(-Wno-unused-parameter) ;; # TEST() has some
	esac
	# gcc needs to optimise to see some things, clang sees the same without.
	for compiler in "gcc -O2 -c -o /dev/null" "clang -fsyntax-only"; do
		read -ra cc <<<"$compiler"
		"${cc[@]}" -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror \
			-Iuapi -Ilib/include "${flags[@]}" \
			-isystem "$LINUX/tools/testing/selftests" "$file" ||
			status=1
	done
	return "$status"
}

# header_one HEADER: alone in a file, in C11 and C++17, 64-bit and 32-bit.
header_one()
{
	local include=${1#*/} compiler bits cc status=0

	for compiler in "gcc -x c -std=c11" "clang -x c -std=c11" \
		"g++ -x c++ -std=c++17" "clang++ -x c++ -std=c++17"; do
		read -ra cc <<<"$compiler"
		for bits in 64 32; do
			printf '#include <%s>\n' "${include#include/}" |
				"${cc[@]}" -m$bits -Wall -Wextra -Wpedantic \
					-Werror -Iuapi -Ilib/include \
					-fsyntax-only - || status=1
		done
	done
	return "$status"
}

# What other compilers than ours read: the kernel's (selftests/kbuild, kernel) and the
# model checkers' (selftests/model, selftests/litmus), which those suites run.
check_compile()
{
	local list

	mapfile -t list < <(files '*.c' | grep -vE \
		'^(kmod|selftests/(kbuild|kernel|model|litmus|outside))/')
	LINUX=$("$here/cache.sh" linux) || return
	DPDK=$(pkg-config --cflags libdpdk | sed 's/-I */-isystem /g')
	export LINUX DPDK
	each compile compile_one "${list[@]}"
}

check_headers()
{
	local list

	mapfile -t list < <(files 'uapi/linux/*.h' 'lib/include/*.h')
	each header header_one "${list[@]}"
	for bits in 64 32; do
		tap_run "layout -m$bits" gcc -std=c11 -m$bits -Wall -Wextra \
			-Werror -Iuapi -fsyntax-only uapi/abi_check.c
	done
}

# ---- main --------------------------------------------------------------------

checks=(checkpatch clang_format kernel_doc shellcheck docutils compile headers
	rules)
[ $# -eq 0 ] || checks=("$@")
for check in "${checks[@]}"; do
	if ! declare -F "check_$check" >/dev/null; then
		echo "lint: no check is called $check" >&2
		exit 2
	fi
	"check_$check" || tap_result 1 "$check runs" </dev/null
done
tap_end
