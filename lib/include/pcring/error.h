/* SPDX-License-Identifier: LGPL-2.1-only OR MIT */
/*
 * libpcring: what went wrong, in words.
 */
#ifndef PCRING_ERROR_H
#define PCRING_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/**
 * pcring_error() - the text of the last error in this thread
 *
 * Names the object and the value that was refused ("ring 2: policy 9: unknown").
 * It is about the last call that returned a negative errno other than -EAGAIN,
 * -ETIME and -EINTR, which are no errors and leave it alone.
 *
 * Context: any thread; the string is this thread's own, good until its next call
 * into the library.
 * Return: a string, never NULL; empty if nothing ever failed.
 */
const char *pcring_error(void);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif /* PCRING_ERROR_H */
