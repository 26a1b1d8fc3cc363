#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# demo.sh: what the rings are for, between programs, with the examples of lib/:
# frames, a log that is not waited for, a reader that stalls, a SIGKILL. Exit
# status 0 only if everything it says held.

set -euo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
bin=$top/build/lib/examples
scratch=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || :; rm -rf "$scratch"' EXIT
held=0
broke=0

say()
{
	printf '\n\033[1m%s\033[0m\n' "$*"
}

# verdict NAME TEXT COMMAND...: a line of the table at the end.
verdict()
{
	local name=$1 text=$2

	shift 2
	if "$@"; then
		held=$((held + 1))
		printf '%-28s held    %s\n' "$name" "$text"
	else
		broke=$((broke + 1))
		printf '%-28s BROKEN  %s\n' "$name" "$text"
	fi >>"$scratch/table"
}

wait_for_socket()
{
	local i

	for i in {1..500}; do
		[ -S "$1" ] && return
		sleep 0.01
	done
	echo "demo: $1 did not appear after $i looks" >&2
	return 1
}

# account FILE COUNT: lines, gaps and lost lines of a log, and what is wrong with
# it: each line of 0 .. COUNT - 1 stands there once, in order, or in a gap, or
# behind the last line.
account()
{
	awk -v count="$2" '
		$1 == "--" {
			if ($NF ~ /on/ && $(NF - 1) != next_line)
				wrong++
			gaps++
			lost += $2
			next_line += $2
			next
		}
		{
			if ($2 != next_line)
				wrong++
			lines++
			next_line = $2 + 1
		}
		END {
			print lines + 0, gaps + 0, lost + 0, \
				count - next_line, wrong + 0
		}' "$1"
}

frames()
{
	say "1. Frames: one program makes them, another takes the newest (LATEST)"
	"$bin/frames_server" "$scratch/frames" 2000 &
	wait_for_socket "$scratch/frames"
	"$bin/frames_client" "$scratch/frames" >"$scratch/frames.out" || :
	wait
	cat "$scratch/frames.out"
	# shown S passed over P torn T
	read -r _ shown _ _ passed _ torn <"$scratch/frames.out"
	verdict "frames, newest wins" \
		"2000 made: $shown shown, $passed passed over, $torn torn" \
		test "$((shown + passed)) $torn" = "2000 0"
}

# logged NAME COUNT WORD...: one log_client's log, in $scratch/NAME.log; WORD kill
# ends it by SIGKILL, stall stops the writer for a while.
logged()
{
	local name=$1 count=$2 server client how=()

	"$bin/log_server" "$scratch/$name" "$scratch/$name.log" \
		>"$scratch/$name.out" &
	server=$!
	wait_for_socket "$scratch/$name"
	[ "$3" != kill ] || how=("$3")
	"$bin/log_client" "$scratch/$name" "$count" "${how[@]}" &
	client=$!
	if [ "$3" = stall ]; then
		sleep 0.05
		kill -STOP $server
		sleep 0.3
		kill -CONT $server
	fi
	wait $client 2>/dev/null || :
	wait $server 2>/dev/null || :
	read -r lines gaps lost tail wrong \
		< <(account "$scratch/$name.log" "$count")
	printf '%s lines offered: %s in the file, %s lost in %s gaps, %s behind the last line, %s unexplained\n' \
		"$count" "$lines" "$lost" "$gaps" "$tail" "$wrong"
	printf 'the writer saw the end as: %s\n' "$(cat "$scratch/$name.out")"
}

killed()
{
	say "2. A log that nobody waits for; its program is killed by SIGKILL"
	logged killed 300 kill
	verdict "log, SIGKILL" "300 lines submitted, $lines in the file" \
		test "$lines $lost $tail $wrong" = "300 0 0 0"
}

stalled()
{
	say "3. The same, 2,000,000 lines flat out, and the writer stalls (DROP_NEW)"
	logged stalled 2000000 stall
	grep -m 3 '^--' "$scratch/stalled.log" || :
	verdict "log, stalled writer" \
		"$lines + $lost + $tail = 2000000, each loss located" \
		test "$((lines + lost + tail)) $wrong" = "2000000 0"
}

threads()
{
	say "4. Between two threads of one program"
	"$bin/threads" | tee "$scratch/threads.out"
	verdict "threads" "$(tail -n 1 "$scratch/threads.out")" \
		test "${PIPESTATUS[0]}" = 0
}

frames
killed
stalled
threads
say "What held"
cat "$scratch/table"
[ "$broke" -eq 0 ]
