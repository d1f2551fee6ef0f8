/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The trace events of the contiguous memory allocator.
 *
 * Each cma_alloc_start is followed by one cma_alloc_finish of the same task,
 * with errorno 0 or the reason. In between, cma_alloc_window tells of each
 * window that was tried; cma_alloc_busy_retry of a window that was blocked;
 * cma_alloc_blocker of the page that blocked it; cma_alloc_phase of the time
 * that was spent.
 *
 * cma_alloc_start begins with the fields of 6.12, in their order. Those of 6.18
 * follow: the same count as request_count, what is not held, and the whole area.
 *
 * cma_release tells of pages that were released. cma_balance tells of pages
 * that were migrated from regular memory to areas, because node nid was short
 * of memory for allocations with gfp_flags; stuck pages could not be migrated.
 *
 * cma_ready tells that what is ready for drivers has changed: where it is now, what
 * was moved and reclaimed to have more, and what was given because memory was short.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM cma

#if !defined(_TRACE_CMA_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_CMA_H

#include <linux/mm.h>
#include <linux/tracepoint.h>
#include <linux/types.h>
#include <trace/events/mmflags.h>

TRACE_EVENT(cma_alloc_start,
	    TP_PROTO(const char *name, unsigned long count, unsigned int align,
		     unsigned long available, unsigned long total),
	    TP_ARGS(name, count, align, available, total),
	    TP_STRUCT__entry(__string(name, name)
			     __field(unsigned long, count)
			     __field(unsigned int, align)
			     __field(unsigned long, request_count)
			     __field(unsigned long, available_count)
			     __field(unsigned long, total_count)),
	    TP_fast_assign(__assign_str(name);
			   __entry->count = count;
			   __entry->align = align;
			   __entry->request_count = count;
			   __entry->available_count = available;
			   __entry->total_count = total;),
	    TP_printk("name=%s count=%lu align=%u request_count=%lu available_count=%lu total_count=%lu",
		      __get_str(name), __entry->count, __entry->align,
		      __entry->request_count, __entry->available_count,
		      __entry->total_count));

TRACE_EVENT(cma_alloc_busy_retry,
	    TP_PROTO(const char *name, unsigned long pfn, const struct page *page,
		     unsigned long count, unsigned int align),
	    TP_ARGS(name, pfn, page, count, align),
	    TP_STRUCT__entry(__string(name, name)
			     __field(unsigned long, pfn)
			     __field(const struct page *, page)
			     __field(unsigned long, count)
			     __field(unsigned int, align)),
	    TP_fast_assign(__assign_str(name);
			   __entry->pfn = pfn;
			   __entry->page = page;
			   __entry->count = count;
			   __entry->align = align;),
	    TP_printk("name=%s pfn=0x%lx page=%p count=%lu align=%u",
		      __get_str(name), __entry->pfn, __entry->page,
		      __entry->count, __entry->align));

TRACE_EVENT(cma_alloc_finish,
	    TP_PROTO(const char *name, unsigned long pfn, const struct page *page,
		     unsigned long count, unsigned int align, int errorno),
	    TP_ARGS(name, pfn, page, count, align, errorno),
	    TP_STRUCT__entry(__string(name, name)
			     __field(unsigned long, pfn)
			     __field(const struct page *, page)
			     __field(unsigned long, count)
			     __field(unsigned int, align)
			     __field(int, errorno)),
	    TP_fast_assign(__assign_str(name);
			   __entry->pfn = pfn;
			   __entry->page = page;
			   __entry->count = count;
			   __entry->align = align;
			   __entry->errorno = errorno;),
	    TP_printk("name=%s pfn=0x%lx page=%p count=%lu align=%u errorno=%d",
		      __get_str(name), __entry->pfn, __entry->page,
		      __entry->count, __entry->align, __entry->errorno));

TRACE_EVENT(cma_alloc_window,
	    TP_PROTO(const char *name, unsigned long pfn, unsigned long count,
		     int errorno),
	    TP_ARGS(name, pfn, count, errorno),
	    TP_STRUCT__entry(__string(name, name)
			     __field(unsigned long, pfn)
			     __field(unsigned long, count)
			     __field(int, errorno)),
	    TP_fast_assign(__assign_str(name);
			   __entry->pfn = pfn;
			   __entry->count = count;
			   __entry->errorno = errorno;),
	    TP_printk("name=%s pfn=0x%lx count=%lu errorno=%d",
		      __get_str(name), __entry->pfn, __entry->count,
		      __entry->errorno));

TRACE_EVENT(cma_alloc_blocker,
	    TP_PROTO(const char *name, const struct page *page),
	    TP_ARGS(name, page),
	    TP_STRUCT__entry(__string(name, name)
			     __field(unsigned long, pfn)
			     __field(int, refs)
			     __field(unsigned long, flags)),
	    TP_fast_assign(__assign_str(name);
			   __entry->pfn = page_to_pfn(page);
			   __entry->refs = page_ref_count(page);
			   __entry->flags = READ_ONCE(page->flags);),
	    TP_printk("name=%s pfn=0x%lx refs=%d flags=%s",
		      __get_str(name), __entry->pfn, __entry->refs,
		      show_page_flags(__entry->flags & PAGEFLAGS_MASK)));

TRACE_EVENT(cma_alloc_phase,
	    TP_PROTO(const char *name, unsigned int phase, u64 ns),
	    TP_ARGS(name, phase, ns),
	    TP_STRUCT__entry(__string(name, name)
			     __field(unsigned int, phase)
			     __field(u64, ns)),
	    TP_fast_assign(__assign_str(name);
			   __entry->phase = phase;
			   __entry->ns = ns;),
	    TP_printk("name=%s phase=%s ns=%llu", __get_str(name),
		      __print_symbolic(__entry->phase, { 0, "alloc" },
				       { 1, "survey" }, { 2, "evacuate" },
				       { 3, "wait" }),
		      __entry->ns));

TRACE_EVENT(cma_release,
	    TP_PROTO(const char *name, unsigned long pfn, const struct page *page,
		     unsigned long count),
	    TP_ARGS(name, pfn, page, count),
	    TP_STRUCT__entry(__string(name, name)
			     __field(unsigned long, pfn)
			     __field(const struct page *, page)
			     __field(unsigned long, count)),
	    TP_fast_assign(__assign_str(name);
			   __entry->pfn = pfn;
			   __entry->page = page;
			   __entry->count = count;),
	    TP_printk("name=%s pfn=0x%lx page=%p count=%lu",
		      __get_str(name), __entry->pfn, __entry->page, __entry->count));

TRACE_EVENT(cma_ready,
	    TP_PROTO(const char *name, unsigned long pfn, unsigned long count,
		     unsigned long moved, unsigned long reclaimed,
		     unsigned long given),
	    TP_ARGS(name, pfn, count, moved, reclaimed, given),
	    TP_STRUCT__entry(__string(name, name)
			     __field(unsigned long, pfn)
			     __field(unsigned long, count)
			     __field(unsigned long, moved)
			     __field(unsigned long, reclaimed)
			     __field(unsigned long, given)),
	    TP_fast_assign(__assign_str(name);
			   __entry->pfn = pfn;
			   __entry->count = count;
			   __entry->moved = moved;
			   __entry->reclaimed = reclaimed;
			   __entry->given = given;),
	    TP_printk("name=%s pfn=0x%lx count=%lu moved=%lu reclaimed=%lu given=%lu",
		      __get_str(name), __entry->pfn, __entry->count,
		      __entry->moved, __entry->reclaimed, __entry->given));

TRACE_EVENT(cma_balance,
	    TP_PROTO(int nid, gfp_t gfp, unsigned long wanted,
		     unsigned long moved, unsigned long stuck),
	    TP_ARGS(nid, gfp, wanted, moved, stuck),
	    TP_STRUCT__entry(__field(int, nid)
			     __field(unsigned long, gfp)
			     __field(unsigned long, wanted)
			     __field(unsigned long, moved)
			     __field(unsigned long, stuck)),
	    TP_fast_assign(__entry->nid = nid;
			   __entry->gfp = (__force unsigned long)gfp;
			   __entry->wanted = wanted;
			   __entry->moved = moved;
			   __entry->stuck = stuck;),
	    TP_printk("nid=%d gfp_flags=%s wanted=%lu moved=%lu stuck=%lu",
		      __entry->nid, show_gfp_flags(__entry->gfp),
		      __entry->wanted, __entry->moved, __entry->stuck));

#endif /* _TRACE_CMA_H */

#include <trace/define_trace.h>
