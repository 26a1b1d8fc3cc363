# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# tap.sh: what a suite written in bash needs to say TAP. Source it.
#
# The plan is printed at the end: a suite that dies on the way has none, and
# run-tests.sh counts that as failed.

tap_nr=0
tap_failed=0

# tap_result STATUS NAME: 0 is ok. What to show of a failure on stdin,
# twenty lines at most.
tap_result()
{
	tap_nr=$((tap_nr + 1))
	if [ "$1" -eq 0 ]; then
		printf 'ok %d %s\n' "$tap_nr" "$2"
		cat >/dev/null
	else
		tap_failed=$((tap_failed + 1))
		printf 'not ok %d %s\n' "$tap_nr" "$2"
		sed -n '1,20s/^/# /p'
	fi
}

# tap_run NAME COMMAND...: passes if the command does.
tap_run()
{
	local name=$1 status=0 output

	shift
	output=$("$@" 2>&1 </dev/null) || status=$?
	tap_result "$status" "$name" <<<"$output"
}

# tap_refuse NAME TEXT COMMAND...: passes if the command fails and says TEXT.
tap_refuse()
{
	local name=$1 text=$2 output

	shift 2
	if output=$("$@" 2>&1 </dev/null); then
		tap_result 1 "$name" <<<"was accepted: $*"
	elif ! grep -qF -- "$text" <<<"$output"; then
		tap_result 1 "$name" <<<"failed without saying '$text': $output"
	else
		tap_result 0 "$name" </dev/null
	fi
}

# tap_skip NAME REASON
tap_skip()
{
	tap_nr=$((tap_nr + 1))
	printf 'ok %d %s # SKIP %s\n' "$tap_nr" "$1" "$2"
}

# tap_end: the plan; status 1 if something failed. The suite's last line.
tap_end()
{
	printf '1..%d\n' "$tap_nr"
	[ "$tap_failed" -eq 0 ]
}
