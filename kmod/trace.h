/* SPDX-License-Identifier: GPL-2.0-only */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM pcring

#if !defined(_PCRING_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _PCRING_TRACE_H

#include <linux/tracepoint.h>

/* A ctx changes its state; error is why it died, 0 or a negative errno. */
/* clang-format off */
TRACE_EVENT(pcring_ctx_state,
	TP_PROTO(const char *device, u32 ctx, u32 from, u32 to, int error),
	TP_ARGS(device, ctx, from, to, error),
	TP_STRUCT__entry(
		__array(char, device, 32)
		__field(u32, ctx)
		__field(u32, from)
		__field(u32, to)
		__field(int, error)
	),
	TP_fast_assign(
		strscpy(__entry->device, device, sizeof(__entry->device));
		__entry->ctx = ctx;
		__entry->from = from;
		__entry->to = to;
		__entry->error = error;
	),
	TP_printk("device=%s ctx=%u from=%u to=%u error=%d", __entry->device,
		  __entry->ctx, __entry->from, __entry->to, __entry->error)
);

/* clang-format on */

#endif /* _PCRING_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
