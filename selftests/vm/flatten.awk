# SPDX-License-Identifier: GPL-2.0-only
#
# Results of one TAP document, without numbers and plan, their names behind
# -v prefix=TEXT; what is said before a failure comes with it. A last line "exit
# STATUS" tells how its speaker ended. A document that ends too early, or is not
# what its plan says, becomes a failure. With -v flat=1 the document has been through
# here before: what belongs to a failure follows it.

function fail(why) {
	print "not ok " prefix why
}

function flush_said() {
	printf "%s", said
	said = ""
	lines = 0
}

function label(line) {
	sub(/^(not )?ok *[0-9]* *(- )?/, "", line)
	return line
}

/^1\.\.0 *# *SKIP/ {
	plans++
	skipped = 1
	sub(/^[^#]*/, "")
	print "ok " prefix "* " $0
	fflush()
	next
}

/^1\.\.[0-9]+/ {
	plans++
	planned += substr($1, 4)
	next
}

/^(not )?ok/ {
	results++
	if ($1 == "not") {
		failures++
		print "not ok " prefix label($0)
		flush_said()
	} else {
		print "ok " prefix label($0)
		said = ""
		lines = 0
	}
	fflush()
	next
}

/^exit [0-9]+$/ {
	status = $2
	next
}

flat && /^#/ {
	print
	next
}

/^TAP version/ || /^KTAP version/ || /^$/ {
	next
}

/^Bail out!/ {
	fail($0)
	failures++
	next
}

{
	if (lines++ < 50)
		said = said "# " (/^# / ? substr($0, 3) : $0) "\n"
}

END {
	if (!plans)
		fail("printed no plan")
	else if (planned != results)
		fail("planned " planned " results, printed " results + 0)
	else if (!planned && !skipped)
		fail("planned nothing")
	if (status && !failures)
		fail("exited with status " status)
	if (!plans || planned != results || status)
		flush_said()
}
