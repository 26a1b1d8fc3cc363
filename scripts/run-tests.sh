#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# run-tests.sh [-s DIR] [-b DIR] [-t SECONDS] [SUITE | PROGRAM]...
#
# Runs test suites one after the other and sums up their TAP. A suite is a folder
# of selftests/ with an executable "run", or a Makefile with a target "run"; it
# prints TAP on stdout, several documents if it likes. Without arguments, or for
# the argument "all", all of them run. A PROGRAM is a path, and its name is made of
# that: scripts/lint.sh is scripts-lint.
#
#   -s DIR      the folder of suites, selftests/ if not given
#   -b DIR      logs go to DIR/logs, build/ if not given
#   -t SECONDS  limit of a suite, unless the file "timeout" in its folder, or in
#               that of the program, says otherwise: 300
#
# A comment that begins with "#: " is shown, whether something failed or not.
# A "not ok" is shown with the comments around it, as they stand in the log: the
# last ten before it and the first ten behind it.
# Failed counts, besides each "not ok": a suite that cannot start, runs into its
# limit, exits with an error of its own, prints no plan, or more or fewer results
# than planned; a SKIP that DIR/expected-skips does not name ("suite: test", one a
# line), or that gives no reason; a failure excused with TODO. The last line is
# "N passed, N failed, N skipped"; the status is 0 if nothing failed.

set -u

top=$(cd "$(dirname "$0")/.." && pwd)
suites=$top/selftests
build=$top/build
limit=300

usage()
{
	echo "usage: ${0##*/} [-s DIR] [-b DIR] [-t SECONDS] [SUITE | PROGRAM]..." \
		>&2
	exit 2
}

while getopts s:b:t: opt; do
	case $opt in
	s) suites=$(cd "$OPTARG" && pwd) || exit 2 ;;
	b) build=$OPTARG ;;
	t) limit=$OPTARG ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))

mkdir -p "$build/logs"
build=$(cd "$build" && pwd)
export PCRING_TOP=$top PCRING_BUILD=$build

passed=0
failed=0
skipped=0

# timeout leads a process group of its own: a suite is stopped with its children.
group=
trap '[ -z "$group" ] || kill -- "-$group"; exit 130' INT TERM

# sum_up NAME STATUS LOG EXPECTED: counts on the first line, then what to show.
# STATUS is the suite's; 124 and 137 are what timeout makes of a suite that hung.
sum_up()
{
	awk -v name="$1" -v status="$2" -v limit="$4" '
	function fail(why) {
		failed++
		shown = shown "\n  " why
	}
	function tell(comment) {
		shown = shown "\n    " comment
	}
	function label(line) {
		sub(/^(not )?ok *[0-9]* *-? */, "", line)
		sub(/ *# *[Ss][Kk][Ii][Pp].*/, "", line)
		return line
	}
	FILENAME == ARGV[1] {
		if ($0 !~ /^ *(#|$)/)
			expected[$0] = 1
		next
	}
	/^#/ {
		if (behind > 0)
			tell($0)
		else
			before[++said] = $0
		behind--
		next
	}
	/^(ok|1\.\.)/ {
		said = behind = 0
	}
	/^1\.\.[0-9]+/ {
		plans++
		planned += substr($1, 4)
		if ($0 !~ /^1\.\.0 *# *[Ss][Kk][Ii][Pp]/)
			next
		planned++
	}
	/^Bail out!/ {
		fail($0)
	}
	/^not ok/ {
		results++
		notok++
		for (i = said > 10 ? said - 9 : 1; i <= said; i++)
			tell(before[i])
		fail($0)
		said = 0
		behind = 10
		next
	}
	/# *[Ss][Kk][Ii][Pp]/ && /^(ok|1\.\.0)/ {
		results++
		test = $1 == "ok" ? label($0) : "*"
		reason = $0
		sub(/.*# *[Ss][Kk][Ii][Pp][A-Za-z]*:? */, "", reason)
		if (reason == "")
			fail("skipped without a reason: " test)
		else if (!((name ": " test) in expected))
			fail("unexpected skip: " test " (" reason ")")
		else
			skipped++
		next
	}
	/^ok/ {
		results++
		passed++
	}
	END {
		if (status == 124 || status == 137)
			fail("hung: stopped after " limit " s")
		else if (status && !notok)
			fail("exited with status " status)
		if (!plans)
			fail("printed no plan")
		else if (results != planned)
			fail("planned " planned " results, printed " \
			     results + 0)
		else if (!planned)
			fail("planned nothing")
		printf "%d %d %d%s\n", passed, failed, skipped, shown
	}' "$5" "$3"
}

# run_suite NAME FOLDER COMMAND...
run_suite()
{
	local name=$1 dir=$2 secs=$limit start status log counts p f s
	local expected=$suites/expected-skips

	shift 2
	[ ! -r "$dir/timeout" ] || secs=$(cat "$dir/timeout")
	[ -r "$expected" ] || expected=/dev/null
	log=$build/logs/$name
	printf 'run %s\n' "$name"
	start=$SECONDS
	timeout -k 10 "$secs" "$@" >"$log.log" 2>"$log.err" </dev/null &
	group=$!
	wait "$group"
	status=$?
	kill -KILL -- "-$group" 2>/dev/null # what it left behind
	group=
	counts=$(sum_up "$name" "$status" "$log.log" "$secs" "$expected")
	read -r p f s <<<"${counts%%$'\n'*}"
	passed=$((passed + p))
	failed=$((failed + f))
	skipped=$((skipped + s))
	if [ "$f" -ne 0 ]; then
		printf '%s\n' "${counts#*$'\n'}"
		tail -n 20 "$log.err" | sed 's/^/  | /'
		printf '  see %s.log, %s.err\n' "$log" "$log"
	fi
	sed -n 's/^#: /  /p' "$log.log"
	printf '  %s: ok %d, not ok %d, skip %d, %d s\n' "$name" "$p" "$f" \
		"$s" $((SECONDS - start))
}

all_suites()
{
	local dir

	for dir in "$suites"/*/; do
		dir=${dir%/}
		if [ -e "$dir/run" ] || grep -qs '^run:' "$dir/Makefile"; then
			run_named "${dir##*/}"
		fi
	done
}

run_named()
{
	local name=${1%.sh} dir=$suites/$1

	if [ "${1#*/}" != "$1" ]; then
		name=${name#/}
		run_suite "${name//\//-}" "$(dirname "$1")" "$1"
	elif [ -e "$dir/run" ]; then
		run_suite "$1" "$dir" "$dir/run"
	else
		run_suite "$1" "$dir" make -s --no-print-directory -C "$dir" run
	fi
}

[ $# -ne 0 ] || set -- all
for suite; do
	if [ "$suite" = all ]; then
		all_suites
	else
		run_named "$suite"
	fi
done
[ $((passed + failed + skipped)) -ne 0 ] || failed=1
printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ]
