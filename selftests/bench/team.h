/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A team of threads that are pinned, started together and timed.
 */
#ifndef BENCH_TEAM_H
#define BENCH_TEAM_H

#include <linux/types.h>

#define TEAM_MAX 8U /* a consumer and up to seven producers */
#define TEAM_CONSUMER 0U /* number of the consumer; producers count from 1 */

/**
 * team_configure() - say which CPUs to use
 * @list: "A,B[,...]": the consumer's, then the producers'; NULL: those the
 *	process may use, in order.
 *
 * Return: 0; -EINVAL: not such a list, or a CPU that may not be used.
 */
int team_configure(const char *list);

/* CPUs there are to use, and the one that member @who gets. */
__u32 team_cpus(void);
__u32 team_cpu(__u32 who);

/**
 * team_run() - let @nr members do @work at the same time
 * @nr: 1 to TEAM_MAX.
 * @work: called once in each member, with its number.
 * @arg: given to each; whoever reads parameters from it copies them first.
 *
 * Return: nanoseconds from the first start to the last end.
 */
__u64 team_run(__u32 nr, void (*work)(__u32 who, void *arg), void *arg);

/**
 * team_run_for() - likewise, but they are told when to stop
 * @ns: after so many nanoseconds,
 * @stop: by this word becoming 1; a line of its own.
 */
__u64 team_run_for(__u32 nr, void (*work)(__u32 who, void *arg), void *arg,
		   __u64 ns, __u32 *stop);

/* How often a CPU was taken from a member at work, since this was last asked. */
__u64 team_preempted(void);

void team_stop(void);

#endif /* BENCH_TEAM_H */
