// SPDX-License-Identifier: GPL-2.0
/* The tracepoints of CMA. */
#include <stdlib.h>
#include <string.h>

#include "guest.h"

#define TRACING "/sys/kernel/tracing/"

void trace_start(void)
{
	if (put(TRACING "events/cma/enable", "1"))
		die("cannot enable the trace events of cma: %m");
	put(TRACING "trace", "0");
}

/* What was traced since trace_start(), for the caller to free. */
char *trace_stop(void)
{
	char *text;

	put(TRACING "events/cma/enable", "0");
	text = slurp(TRACING "trace");
	if (!text)
		die("cannot read the trace: %m");
	return text;
}
