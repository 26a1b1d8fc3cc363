// SPDX-License-Identifier: GPL-2.0-only
/*
 * pcring: its tracepoints are made here.
 */
#include "core.h"

#define CREATE_TRACE_POINTS
#include "trace.h"
