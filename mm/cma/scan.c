// SPDX-License-Identifier: GPL-2.0
/*
 * The scan of a range: what its pages are used for, without a lock. Pages are
 * allocated and freed meanwhile, so all that it reads may be outdated. It takes
 * a reference to large folios, because what it reads of them must fit together,
 * and to folios with buffers, which it also locks if nobody else has.
 */
#include <linux/bits.h>
#include <linux/buffer_head.h>
#include <linux/fs.h>
#include <linux/jbd2.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/page-flags.h>
#include <linux/sched.h>

#include "../internal.h"
#include "cma.h"
#include "engine.h"
#include "hold.h"

#define CMA_SCAN_STATES	(BIT(PG_lru) | BIT(PG_dirty) | BIT(PG_writeback) | \
			 BIT(PG_swapbacked) | BIT(PG_unevictable))
/* A look at buffers costs as much as a look at so many pages more. */
#define CMA_SCAN_LOCK 8
/* Whoever needs the folio has to wait. */
#define CMA_SCAN_BUSY	(BIT(PG_locked) | BIT(PG_writeback))
#define CMA_SCAN_CACHED	(BIT(PG_swapbacked) | BIT(PG_swapcache))

/**
 * struct cma_page_state - what a page in use looked like at one moment
 * @flags: of the page, or of the head of the folio
 * @mapping: with the bits that tell its type
 * @refs: references, without that of the scan
 * @mapcount: of the whole folio
 * @nr_pages: of the whole folio
 * @hugetlb: it is a huge page of hugetlbfs
 * @pinned: a large folio, pinned for DMA; a small one tells by its references
 */
struct cma_page_state {
	unsigned long flags;
	unsigned long mapping;
	int refs;
	int mapcount;
	int nr_pages;
	bool hugetlb;
	bool pinned;
};

/* The references that migration expects, and replaces. */
static int cma_scan_expected_refs(const struct cma_page_state *state)
{
	int refs = state->mapcount;

	if ((state->flags & CMA_SCAN_CACHED) == CMA_SCAN_CACHED)
		return refs + state->nr_pages;
	if (state->mapping && !(state->mapping & PAGE_MAPPING_ANON))
		refs += state->nr_pages + !!(state->flags & BIT(PG_private));
	return refs;
}

static bool cma_scan_is_clean_cache(const struct cma_page_state *state)
{
	return (state->flags & CMA_SCAN_STATES) == BIT(PG_lru) &&
	       state->mapping && !(state->mapping & PAGE_MAPPING_FLAGS);
}

/* Its owner knows how to migrate it, whatever its references are. */
static bool cma_scan_is_special(const struct cma_page_state *state)
{
	return state->hugetlb || (state->mapping & PAGE_MAPPING_FLAGS) ==
				PAGE_MAPPING_MOVABLE;
}

/*
 * A per-CPU batch has one more reference. A folio that is on no LRU list is
 * mostly in a batch, and on its way to one. Others are in a batch, too, unless
 * the batches have just been drained.
 */
static bool cma_scan_is_batched(const struct cma_scan *scan,
				const struct cma_page_state *state, int extra)
{
	if (!(state->flags & BIT(PG_lru)))
		return extra <= 1 && (state->mapping || state->mapcount);
	return extra == 1 && !scan->is_drained;
}

/* @range: pages of one folio, which is in use. */
static void cma_scan_add(struct cma_scan *scan, const struct cma_page_state *state,
			 struct cma_range range)
{
	int extra = state->refs - cma_scan_expected_refs(state);
	bool busy = state->flags & CMA_SCAN_BUSY;
	unsigned long nr = cma_range_len(range);

	if (cma_scan_is_special(state)) {
		scan->moved += nr;
	} else if (!busy && cma_scan_is_batched(scan, state, extra)) {
		scan->moved += nr;
		scan->batched += nr;
	} else if (busy || extra > 0 || !(state->flags & BIT(PG_lru))) {
		scan->unmovable = range.start;
		scan->unmovable_end = range.end;
		scan->is_busy = busy;
		scan->is_pinned = state->pinned ||
				  (state->nr_pages == 1 &&
				   extra >= GUP_PIN_COUNTING_BIAS);
	} else if (cma_scan_is_clean_cache(state)) {
		scan->clean += nr;
		scan->clean_large += state->nr_pages > 1 ? nr : 0;
	} else {
		scan->moved += nr;
	}
}

static unsigned long cma_scan_held_folio(struct cma_scan *scan,
					 struct folio *folio,
					 unsigned long pfn)
{
	const struct cma_page_state state = {
		.flags = folio->flags,
		.mapping = (unsigned long)folio->mapping,
		.refs = folio_ref_count(folio) - 1,
		.mapcount = folio_mapcount(folio),
		.nr_pages = folio_nr_pages(folio),
		.hugetlb = folio_test_hugetlb(folio),
		.pinned = folio_maybe_dma_pinned(folio),
	};
	unsigned long end = folio_pfn(folio) + state.nr_pages;

	cma_scan_add(scan, &state, (struct cma_range){ pfn, end });
	return end;
}

/* Scans a large folio from @pfn on; returns the pfn at which to continue. */
static unsigned long cma_scan_large(struct cma_scan *scan, unsigned long pfn)
{
	struct page *page = pfn_to_page(pfn);
	struct folio *folio = page_folio(page);
	unsigned long end = pfn + 1;

	if (!folio_try_get(folio)) {
		scan->idle++;
		return end;
	}
	if (page_folio(page) == folio)
		end = cma_scan_held_folio(scan, folio, pfn);
	else
		scan->idle++;
	folio_put(folio);
	return end;
}

/*
 * File systems and journals keep references to the buffers of their metadata, some
 * until they are unmounted. A reference alone may be that of a list of buffers that
 * were used last, which migration empties; a journal keeps its own. @folio is locked,
 * so its buffers stay in place.
 */
static bool cma_scan_buffers(struct cma_scan *scan, struct folio *folio)
{
	struct buffer_head *head = folio_buffers(folio), *buffer = head;
	const struct address_space *mapping = folio->mapping;
	bool in_journal = false;

	if (!head || !mapping || !mapping->host)
		return false;
	if (!S_ISBLK(mapping->host->i_mode)) {
		scan->no_device = (unsigned long)mapping;
		return false;
	}
	do {
		if (atomic_read(&buffer->b_count)) {
			scan->has_metadata = true;
			in_journal |= buffer_jbd(buffer);
		}
		buffer = buffer->b_this_page;
	} while (buffer != head);
	return in_journal;
}

/*
 * A page of the page cache with PG_private; for a moment after a migration that
 * failed it is on no LRU list, but in a batch.
 */
static __always_inline bool cma_scan_may_have_buffers(unsigned long flags,
						      unsigned long mapping)
{
	return (flags & BIT(PG_private)) && mapping &&
	       !(mapping & PAGE_MAPPING_FLAGS);
}

static bool cma_scan_is_in_journal(struct cma_scan *scan, unsigned long pfn)
{
	struct folio *folio = page_folio(pfn_to_page(pfn));
	bool in_journal = false;

	scan->looked += CMA_SCAN_LOCK;
	if (!folio_try_get(folio))
		return false;
	if (!folio_test_large(folio) && folio_trylock(folio)) {
		if (cma_scan_may_have_buffers(folio->flags,
					      (unsigned long)folio->mapping))
			in_journal = cma_scan_buffers(scan, folio);
		folio_unlock(folio);
	}
	folio_put(folio);
	return in_journal;
}

/* Most pages are on an LRU list and have the expected references only. */
static __always_inline bool cma_scan_usual(struct cma_scan *scan,
					   const struct cma_page_state *state)
{
	unsigned long kind = state->mapping & PAGE_MAPPING_FLAGS;
	int extra = state->refs - state->mapcount;

	if ((state->flags & (BIT(PG_lru) | CMA_SCAN_BUSY)) != BIT(PG_lru))
		return false;
	if (!kind && extra == 1 + !!(state->flags & BIT(PG_private))) {
		if ((state->flags & CMA_SCAN_STATES) == BIT(PG_lru))
			scan->clean++;
		else
			scan->moved++;
		return true;
	}
	if (kind == PAGE_MAPPING_ANON && !extra) {
		scan->moved++;
		return true;
	}
	return false;
}

/* Plain reads: the page can be freed, or join a folio, at any moment. */
static __always_inline void cma_scan_small(struct cma_scan *scan,
					   unsigned long pfn)
{
	const struct page *page = pfn_to_page(pfn);
	int mapcount = atomic_read(&page->_mapcount) + 1;
	const struct cma_page_state state = {
		.flags = READ_ONCE(page->flags),
		.mapping = (unsigned long)READ_ONCE(page->mapping),
		.refs = page_ref_count(page),
		.mapcount = max(mapcount, 0),
		.nr_pages = 1,
	};

	if (IS_ENABLED(CONFIG_BUFFER_HEAD) &&
	    cma_scan_may_have_buffers(state.flags, state.mapping) &&
	    state.mapping != scan->no_device &&
	    cma_scan_is_in_journal(scan, pfn)) {
		scan->unmovable = pfn;
		scan->unmovable_end = pfn + 1;
		scan->in_journal = true;
		return;
	}
	if (cma_scan_usual(scan, &state))
		return;
	if (state.refs)
		cma_scan_add(scan, &state, cma_range_of(pfn, 1));
	else
		scan->idle++;
}

static __always_inline unsigned long cma_scan_one(struct cma_scan *scan,
						  unsigned long pfn)
{
	struct page *page = pfn_to_page(pfn);

	scan->looked++;
	if (PageBuddy(page)) {
		unsigned int order = buddy_order_unsafe(page);

		return pfn + (order <= MAX_PAGE_ORDER ? 1UL << order : 1);
	}
	if (PageCompound(page))
		return cma_scan_large(scan, pfn);
	cma_scan_small(scan, pfn);
	return pfn + 1;
}

/**
 * cma_scan_range() - scan the pages of a range
 * @scan: receives what was seen
 * @range: pages of one zone
 * @is_drained: the batches have just been drained, so a page on an LRU list
 *		with one more reference is not in a batch
 *
 * The scan ends at the first folio that seems unmovable.
 *
 * Context: process context; a range of several pageblocks may reschedule.
 */
void cma_scan_range(struct cma_scan *scan, struct cma_range range,
		    bool is_drained)
{
	unsigned long pfn = cma_buddy_chunk_start(range.start);

	*scan = (struct cma_scan){
		.is_drained = is_drained,
		.unmovable = ULONG_MAX,
	};
	while (pfn < range.end && !cma_scan_has_unmovable(scan)) {
		unsigned long stop = min(range.end, pageblock_end_pfn(pfn));

		while (pfn < stop && !cma_scan_has_unmovable(scan))
			pfn = cma_scan_one(scan, pfn);
		if (pfn < range.end)
			cond_resched();
	}
}

/* Not more than @left: folios can change meanwhile, or end after the range. */
static void cma_scan_count(unsigned long *pages, unsigned long nr_pages,
			   unsigned long *left)
{
	nr_pages = min(nr_pages, *left);
	*pages += nr_pages;
	*left -= nr_pages;
}

/* A scan ends at a folio that seems unmovable; the next one starts after it. */
static void cma_scan_not_held(struct cma_pageblock_state *state,
			      struct cma_range range)
{
	unsigned long left = cma_range_len(range);
	struct cma_scan scan;

	while (range.start < range.end) {
		unsigned long end;

		/* What is pinned must not look as if it could be migrated. */
		cma_scan_range(&scan, range, true);
		cma_scan_count(&state->idle, scan.idle, &left);
		cma_scan_count(&state->clean, scan.clean, &left);
		cma_scan_count(&state->movable, scan.moved, &left);
		if (!cma_scan_has_unmovable(&scan))
			break;
		end = min(scan.unmovable_end, range.end);
		cma_scan_count(scan.is_busy ? &state->movable :
					      &state->unmovable,
			       end - scan.unmovable, &left);
		range.start = max(scan.unmovable_end, range.start + 1);
	}
	state->free += left;
}

/**
 * cma_scan_pageblock() - tell what is in a pageblock
 * @cma: an active area
 * @block: a pageblock of it
 *
 * Context: interrupts are on. The pages may change meanwhile.
 * Return: what was seen; the sum is the number of pages.
 */
struct cma_pageblock_state cma_scan_pageblock(struct cma *cma,
					      struct cma_range block)
{
	struct cma_held_range next = { .range.start = block.start };
	struct cma_pageblock_state state = {};

	while (block.start < block.end) {
		struct cma_range held = cma_range_of(block.end, 0);
		struct cma_range rest = block;

		/* What is held next may be far away. */
		if (!cma_hold_is_none_held(cma, block) &&
		    cma_hold_next_held(cma, &next) &&
		    next.range.start < block.end)
			held = cma_range_and(next.range, block);
		rest.end = held.start;
		cma_scan_not_held(&state, rest);
		state.held += cma_range_len(held);
		block.start = held.end;
		next.range.start = held.end;
	}
	return state;
}
