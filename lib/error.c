// SPDX-License-Identifier: LGPL-2.1-only OR MIT
/*
 * libpcring: errors, with a text that names the object and the value.
 */
#include <stdarg.h>
#include <stdio.h>
#include "pcring_impl.h"

static _Thread_local char pcring_text[256];

const char *pcring_error(void)
{
	return pcring_text;
}

int pcring_fail(int err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(pcring_text, sizeof(pcring_text), fmt, args);
	va_end(args);
	return err;
}

void pcring_abort(const char *fmt, ...)
{
	va_list args;

	fputs("pcring: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	abort();
}

/* A struct of the caller's that begins with its size, as the library knows it. */
int pcring_opts_copy(const char *object, void *to, size_t known,
		     const void *from)
{
	const unsigned char *bytes = from;
	__u32 size;
	size_t i;

	memset(to, 0, known);
	if (!from)
		return 0;
	memcpy(&size, from, sizeof(size));
	if (size < sizeof(size))
		return pcring_fail(-EINVAL, "%s: size %u: too small", object,
				   size);
	for (i = known; i < size; i++)
		if (bytes[i])
			return pcring_fail(-E2BIG,
					   "%s: size %u: byte %zu is set, only "
					   "%zu are known",
					   object, size, i, known);
	memcpy(to, from, size < known ? size : known);
	return 0;
}
