# SPDX-License-Identifier: GPL-2.0-only
#
# blocks.awk -v dir=DIR README.md: its code blocks as files DIR/NN.LANG, in order.
# The line before a block of C that says "Save as `name`" goes to DIR/NN.name.

/^```/ && !inside {
	inside = 1
	lang = substr($0, 4)
	if (lang == "")
		lang = "out"
	file = sprintf("%s/%02d.%s", dir, ++nr, lang)
	printf "" > file
	if (match(before, /Save as `[^`]*`/))
		print substr(before, RSTART + 9, RLENGTH - 10) > \
			sprintf("%s/%02d.name", dir, nr)
	next
}
/^```/ {
	inside = 0
	close(file)
	next
}
inside {
	print > file
	next
}
NF {
	before = $0
}
