# SPDX-License-Identifier: GPL-2.0-only
#
# The original of a litmus file, or one of its twins.
#
#   awk -f twins.awk -v list=1 FILE		labels of its twins, one a line
#   awk -f twins.awk -v twin=LABEL FILE		the file with LABEL weakened
#
# Behind a statement stand its weaker forms, each a comment line of its own:
#
#	/* weak A: STATEMENT */		must show what the test forbids
#	/* weak A [c11]: STATEMENT */	in that model; must not show it in others
#	/* enough A: STATEMENT */	must not show it in either
#	/* weak A too: STATEMENT */	a further line of the twin above
#
# An empty STATEMENT removes the line. "weak A (why)" tells twins of one letter
# apart.

function put(line)
{
	if (held != "")
		print held
	held = line
}

{
	if (match($0, /^[ \t]*\/\* (weak|enough) [^:]*:.*\*\/$/)) {
		label = $0
		sub(/^[ \t]*\/\* /, "", label)
		sub(/:.*/, "", label)
		text = $0
		sub(/^[^:]*:[ \t]*/, "", text)
		sub(/[ \t]*\*\/$/, "", text)
		if (list && label !~ / too$/)
			print label
		plain = label
		sub(/ too$/, "", plain)
		if (twin != "" && plain == twin) {
			held = text
			found = 1
		}
		next
	}
	if (!list)
		put($0)
}

END {
	put("")
	if (twin != "" && !found)
		exit 1
}
