// SPDX-License-Identifier: GPL-2.0-only
/*
 * What was measured on. No date: two runs of one machine are to read alike.
 */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "bench.h"
#include "team.h"

#ifndef BENCH_FLAGS
#define BENCH_FLAGS "unknown"
#endif
#ifndef BENCH_PEERS
#define BENCH_PEERS "unknown"
#endif

static char kernel[256];
static char cpu[256];
static char cpus[64];

/* The first "model name" of /proc/cpuinfo; arm64 has none. */
static void read_cpu(const char *machine)
{
	FILE *in = fopen("/proc/cpuinfo", "r");
	char line[256];

	snprintf(cpu, sizeof(cpu), "%s", machine);
	if (!in)
		return;
	while (fgets(line, sizeof(line), in)) {
		char *text = strchr(line, ':');

		if (!text || strncmp(line, "model name", 10))
			continue;
		text[strcspn(text, "\n")] = '\0';
		snprintf(cpu, sizeof(cpu), "%s", text + 2);
		break;
	}
	fclose(in);
}

__u32 bench_env(const struct bench_fact **facts)
{
	static const struct bench_fact env[] = {
		{ "kernel", kernel },
		{ "cpu", cpu },
		{ "cpus", cpus },
#ifdef __clang__
		{ "compiler", "clang " __clang_version__ },
#else
		{ "compiler", "gcc " __VERSION__ },
#endif
		{ "flags", BENCH_FLAGS },
		{ "peers", BENCH_PEERS },
		{ "command", bench_options.command },
	};
	struct utsname name;

	if (!uname(&name)) {
		snprintf(kernel, sizeof(kernel), "%s %s %s", name.sysname,
			 name.release, name.machine);
		read_cpu(name.machine);
	}
	snprintf(cpus, sizeof(cpus), "%ld, consumer on %u, producer on %u",
		 sysconf(_SC_NPROCESSORS_ONLN), team_cpu(TEAM_CONSUMER),
		 team_cpu(1));
	*facts = env;
	return sizeof(env) / sizeof(*env);
}
