// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads live as long as the program: a repetition is a few milliseconds, and
 * making threads would be part of it. The main thread sleeps meanwhile.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "bench.h"
#include "hot.h"
#include "team.h"

struct member {
	pthread_t thread;
	sem_t go;
	sem_t done;
	__u32 who;
	bool made;
	__u64 begin;
	__u64 end;
	__u64 preempted;
} BENCH_PADDED;

static struct {
	struct member member[TEAM_MAX];
	struct {
		__u64 arrived BENCH_PADDED;
		__u64 nr BENCH_PADDED;
	} start;
	void (*work)(__u32 who, void *arg) BENCH_PADDED;
	void *arg;
	__u32 cpu[CPU_SETSIZE];
	__u32 cpus;
	__u64 preempted;
} team;

static int parse_cpus(const char *list, const cpu_set_t *allowed)
{
	while (*list) {
		char *end;
		unsigned long cpu = strtoul(list, &end, 10);

		if (end == list || cpu >= CPU_SETSIZE ||
		    team.cpus == CPU_SETSIZE || !CPU_ISSET(cpu, allowed))
			return -EINVAL;
		team.cpu[team.cpus++] = (__u32)cpu;
		if (*end && *end != ',')
			return -EINVAL;
		list = *end ? end + 1 : end;
	}
	return team.cpus ? 0 : -EINVAL;
}

int team_configure(const char *list)
{
	cpu_set_t allowed;
	__u32 cpu;

	if (sched_getaffinity(0, sizeof(allowed), &allowed))
		return -errno;
	team.cpus = 0;
	if (list)
		return parse_cpus(list, &allowed);
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &allowed))
			team.cpu[team.cpus++] = cpu;
	return 0;
}

__u32 team_cpus(void)
{
	return team.cpus;
}

__u32 team_cpu(__u32 who)
{
	if (who == TEAM_CONSUMER || team.cpus == 1)
		return team.cpu[0];
	return team.cpu[1 + (who - 1) % (team.cpus - 1)];
}

static void member_pin(__u32 who)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(team_cpu(who), &set);
	if (pthread_setaffinity_np(pthread_self(), sizeof(set), &set))
		fprintf(stderr, "pcring-bench: CPU %u cannot be had\n",
			team_cpu(who));
}

/* All leave together: a member that came first must not produce alone. */
static void member_meet(void)
{
	__u64 nr = team.start.nr;
	__u32 spins = 0;

	__atomic_add_fetch(&team.start.arrived, 1, __ATOMIC_ACQ_REL);
	while (bench_load_acquire(&team.start.arrived) < nr)
		bench_wait(&spins, BENCH_SPINS);
}

/* How often this thread had to give up its CPU and did not offer it. */
static __u64 member_preempted(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return (__u64)usage.ru_nivcsw;
}

static void *member_main(void *arg)
{
	struct member *m = arg;

	member_pin(m->who);
	for (;;) {
		while (sem_wait(&m->go))
			;
		if (!team.work)
			return NULL;
		m->preempted = member_preempted();
		member_meet();
		m->begin = bench_now();
		team.work(m->who, team.arg);
		m->end = bench_now();
		m->preempted = member_preempted() - m->preempted;
		sem_post(&m->done);
	}
}

static void member_make(__u32 who)
{
	struct member *m = &team.member[who];
	int err;

	if (m->made)
		return;
	m->who = who;
	sem_init(&m->go, 0, 0);
	sem_init(&m->done, 0, 0);
	err = pthread_create(&m->thread, NULL, member_main, m);
	if (err)
		bench_die("thread %u: %s", who, strerror(err));
	m->made = true;
}

static void team_begin(__u32 nr, void (*work)(__u32 who, void *arg), void *arg)
{
	__u32 i;

	for (i = 0; i < nr; i++)
		member_make(i);
	team.work = work;
	team.arg = arg;
	team.start.arrived = 0;
	team.start.nr = nr;
	for (i = 0; i < nr; i++)
		sem_post(&team.member[i].go);
}

static __u64 team_end(__u32 nr)
{
	__u64 begin = ~0ULL;
	__u64 end = 0;
	__u32 i;

	for (i = 0; i < nr; i++) {
		struct member *m = &team.member[i];

		while (sem_wait(&m->done))
			;
		team.preempted += m->preempted;
		if (m->begin < begin)
			begin = m->begin;
		if (m->end > end)
			end = m->end;
	}
	return end - begin;
}

__u64 team_run(__u32 nr, void (*work)(__u32 who, void *arg), void *arg)
{
	team_begin(nr, work, arg);
	return team_end(nr);
}

__u64 team_run_for(__u32 nr, void (*work)(__u32 who, void *arg), void *arg,
		   __u64 ns, __u32 *stop)
{
	const struct timespec t = {
		.tv_sec = (time_t)(ns / 1000000000ULL),
		.tv_nsec = (long)(ns % 1000000000ULL),
	};

	__atomic_store_n(stop, 0U, __ATOMIC_RELAXED);
	team_begin(nr, work, arg);
	nanosleep(&t, NULL);
	__atomic_store_n(stop, 1U, __ATOMIC_RELAXED);
	return team_end(nr);
}

__u64 team_preempted(void)
{
	__u64 preempted = team.preempted;

	team.preempted = 0;
	return preempted;
}

void team_stop(void)
{
	__u32 i;

	team.work = NULL;
	for (i = 0; i < TEAM_MAX; i++) {
		if (!team.member[i].made)
			continue;
		sem_post(&team.member[i].go);
		pthread_join(team.member[i].thread, NULL);
		team.member[i].made = false;
	}
}
