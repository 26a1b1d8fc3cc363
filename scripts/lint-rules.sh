# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# lint-rules.sh: this project's own rules, as far as a pattern can hold them. Part
# of lint.sh; each rule prints what breaks it, as file:line: text.

# Only texts: no licence, no list of names.
rule_texts()
{
	files | grep -vE '^(LICENSE|LICENSES/.*)$'
}

# without_comments FILE: the code, line for line.
without_comments()
{
	gcc -fpreprocessed -dD -E -x c "$1" 2>/dev/null | awk -v file="$1" '
	/^# [0-9]+ "/ {
		at = $2
		next
	}
	{
		print file ":" at++ ": " $0
	}'
}

# Unfinished work is an issue, not a comment.
rule_nothing_is_left_to_do()
{
	rule_texts | grep -vE '^(scripts/(lint-rules|run-tests).sh|selftests/(scripts|lint)/run)$' |
		xargs grep -nwE 'TODO|FIXME|XXX|HACK'
}

# They mean opposite things elsewhere: the words are prod and cons.
rule_no_head_or_tail()
{
	local file kernels_heads="list_head|wait_queue_head_t"

	kernels_heads+="|init_waitqueue_head|INIT_LIST_HEAD|LIST_HEAD"
	kernels_heads+="|list_add_tail"
	files 'uapi/*.[ch]' 'lib/*.[ch]' 'kmod/*.[ch]' | while read -r file; do
		without_comments "$file" | sed -E "s/\\b($kernels_heads)\\b//g" |
			grep -E '\b([A-Za-z0-9]+_)*([Hh]ead|[Tt]ail|HEAD|TAIL)s?(_[A-Za-z0-9]+)*\b'
	done
}

# What stands on one machine means nothing on another.
rule_no_path_of_one_machine()
{
	rule_texts | grep -vx selftests/lint/run | xargs grep -nE \
		'(^|[^A-Za-z0-9_.}"])/(work/(main|shared)|root|home|tmp)/[a-z]'
}

rule_licence_is_in_the_first_line()
{
	local file want

	files '*.c' '*.h' '*.cc' '*.sh' '*.py' '*.awk' '*.pml' '*.rst' '*.in' \
		'*.map' '*Makefile' '*Kbuild' 'selftests/*/run' '.ci/run' |
		while read -r file; do
			case $file in
			uapi/*)
				want="GPL-2.0-only WITH Linux-syscall-note" ;;
			lib/* | *.pc.in) want="LGPL-2.1-only OR MIT" ;;
			*) want="GPL-2.0-only" ;;
			esac
			sed -n '1{/^#!/!p};2p' "$file" | sed -n 1p |
				grep -qE "SPDX-License-Identifier: $want( \*/)?$" ||
				echo "$file:1: not '$want'"
		done
}

# A comment of the form X, or X, Y, or X, pairs with Y names letters of the
# diagram; each letter of the diagram is on some line.
rule_letters()
{
	awk '
	FILENAME ~ /pcring_ring\.h$/ && /^ \*/ && !diagram_over {
		line = $0
		while (match(line, /\([A-Z](, [A-Z])*\)/)) {
			n = split(substr(line, RSTART + 1, RLENGTH - 2), l, ", ")
			for (i = 1; i <= n; i++)
				diagram[l[i]] = FILENAME ":" FNR
			line = substr(line, RSTART + RLENGTH)
		}
	}
	FILENAME ~ /pcring_ring\.h$/ && /^#ifndef/ {
		diagram_over = 1
	}
	{
		line = $0
		while (match(line, /\/\* [A-Z]((, | and )[A-Z])*(, pairs with [A-Z]((, | and )[A-Z])*)?[ ;,:.]/)) {
			text = substr(line, RSTART + 3, RLENGTH - 4)
			line = substr(line, RSTART + RLENGTH)
			if (text == "A" && line !~ /^\*\//)
				continue # the article
			gsub(/pairs with/, "", text)
			gsub(/and|,/, " ", text)
			n = split(text, l, " +")
			for (i = 1; i <= n; i++)
				if (l[i] != "")
					used[l[i]] = FILENAME ":" FNR
		}
	}
	END {
		for (x in used)
			if (!(x in diagram))
				print used[x] ": letter " x " is not in the diagram"
		for (x in diagram)
			if (!(x in used))
				print diagram[x] ": letter " x " is on no line"
	}' "$@"
}

rule_letters_are_those_of_the_diagram()
{
	local list

	mapfile -t list < <(files 'uapi/linux/*.h')
	[ ${#list[@]} -eq 0 ] || rule_letters "${list[@]}"
}

# Every ordered access says which it is: a letter on its line or the two after.
rule_ordered_accesses_have_letters()
{
	local list

	mapfile -t list < <(files 'uapi/linux/*.h' | grep -v pcring_order.h)
	[ ${#list[@]} -eq 0 ] || awk '
	function settle() {
		if (open && !lettered)
			print open
		open = ""
		lettered = 0
	}
	FNR == 1 {
		settle()
	}
	/pcring_(load_acquire|store_release|exchange|compare_exchange|[rw]?mb)\(/ {
		settle()
		open = FILENAME ":" FNR ": " $0
		until = FNR + 2
	}
	open && /\/\* [A-Z](,| \*\/|;|:)/ {
		lettered = 1
	}
	open && FNR >= until {
		settle()
	}
	END {
		settle()
	}' "${list[@]}"
}

# All of them go through pcring_order.h.
rule_no_raw_barrier()
{
	local file

	files 'uapi/linux/*.h' | grep -v pcring_order.h | while read -r file; do
		without_comments "$file" |
			grep -E '__atomic_|__sync_|\bsmp_|\bvolatile\b|\b__asm__|\basm\b|READ_ONCE|WRITE_ONCE'
	done
}

# Fixed widths, 64 bits aligned everywhere: in what two programs share.
rule_uapi_types_are_fixed()
{
	local file

	files uapi/linux/pcring.h uapi/linux/pcring_layout.h |
		while read -r file; do
			without_comments "$file" | awk '
			/: struct [a-z_]+ \{/ {
				inside = 1
				next
			}
			/: \};/ {
				inside = 0
			}
			inside && !/:[ \t]+(__(u8|u16|u32|s32)|__aligned_u64|char|struct [a-z_]+) [a-z0-9_]+(\[[A-Za-z0-9_]+\])?;$/ &&
			!/:[ \t]*$/'
		done
}

rule_files_are_small()
{
	local file lines

	files '*.c' '*.h' '*.sh' '*.cc' '*.py' | while read -r file; do
		lines=$(wc -l <"$file")
		[ "$lines" -le 750 ] || echo "$file:$lines: more than 750 lines"
	done
}

rule_no_trailing_blanks()
{
	rule_texts | xargs grep -nIE '[[:blank:]]+$'
}

rule_suites_can_be_started()
{
	local file

	files 'selftests/*/run' 'scripts/*.sh' '.ci/run' | while read -r file; do
		case $file in
		scripts/tap.sh | scripts/lint-rules.sh) continue ;;
		esac
		[ -x "$file" ] || echo "$file:1: not executable"
	done
}

rules=(nothing_is_left_to_do no_head_or_tail no_path_of_one_machine
	licence_is_in_the_first_line letters_are_those_of_the_diagram
	ordered_accesses_have_letters no_raw_barrier uapi_types_are_fixed
	files_are_small no_trailing_blanks suites_can_be_started)

check_rules()
{
	local rule

	for rule in "${rules[@]}"; do
		"rule_$rule" >"${scratch:?}/rule" 2>&1
		silent "rule $rule" "$scratch/rule"
	done
}
