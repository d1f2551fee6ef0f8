/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the boot log says about areas: one line for each decision. Users'
 * scripts match on some of these lines, so the formats are part of the ABI.
 */
#ifndef __MM_CMA_BOOTLOG_H
#define __MM_CMA_BOOTLOG_H

#include "lib/plan.h"
#include "lib/parse.h"

struct cma;
struct cma_conflict;
struct cma_declaration;
struct seq_buf;

void cma_bootlog_reserved(const struct cma *cma, int nid);
void cma_bootlog_not_reserved(const struct cma_declaration *decl);
void cma_bootlog_no_plan(const struct cma_declaration *decl,
			 const struct cma_plan_limits *limits,
			 enum cma_plan_cause cause);
void cma_bootlog_no_room(const struct cma_declaration *decl, u64 size,
			 u64 largest);
void cma_bootlog_conflict(const struct cma_declaration *decl, u64 base,
			  u64 size, const struct cma_conflict *conflict);
void cma_bootlog_no_entry(void);
void cma_bootlog_not_activated(const struct cma *cma, int err);

void cma_bootlog_bad_text(const char *option, const char *text,
			  const struct cma_parse_error *err);
void cma_bootlog_no_text(const char *option);
void cma_bootlog_override(const char *old, const char *text);
void cma_bootlog_rounded(const char *what, u64 asked, u64 got);
__printf(2, 3) void cma_of_warn(const char *node, const char *format, ...);
void cma_of_warn_no_slot(const char *node);
void cma_bootlog_bytes(struct seq_buf *line, u64 bytes);

#endif /* __MM_CMA_BOOTLOG_H */
