# SPDX-License-Identifier: GPL-2.0-only
#
# One TAP document out of results without numbers. Status 1 if one failed.

BEGIN {
	print "TAP version 13"
}

/^(not )?ok / {
	nr++
	if ($1 == "not") {
		failed = 1
		sub(/^not ok /, "not ok " nr " ")
	} else {
		sub(/^ok /, "ok " nr " ")
	}
}

{
	print
	fflush()
}

END {
	print "1.." nr + 0
	exit failed
}
