// SPDX-License-Identifier: GPL-2.0
/*
 * A look at the page that would not move, see blocker.h. It may be put to another
 * use meanwhile, so it is held on to, or nothing but its flags is read.
 */
#include <linux/fs.h>
#include <linux/hugetlb.h>
#include <linux/kdev_t.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/seq_buf.h>

#include "blocker.h"

static const char * const cma_blocker_kinds[] = {
	[CMA_PAGE_GONE] = "gone meanwhile",
	[CMA_PAGE_ANON] = "anonymous",
	[CMA_PAGE_FILE] = "file",
	[CMA_PAGE_SHMEM] = "shared memory",
	[CMA_PAGE_HUGETLB] = "huge page",
	[CMA_PAGE_SLAB] = "slab",
	[CMA_PAGE_TABLE] = "page table",
	[CMA_PAGE_RESERVED] = "reserved",
	[CMA_PAGE_MOVABLE] = "movable page of a driver",
	[CMA_PAGE_ISOLATED] = "page block that could not be isolated",
	[CMA_PAGE_OTHER] = "in use by the kernel",
};

/* Only with its lock is the file of a folio there to be asked. */
static void cma_blocker_examine_file(struct cma_blocker *blocker,
				     struct folio *folio)
{
	struct address_space *mapping;

	if (!folio_trylock(folio))
		return;
	mapping = folio_mapping(folio);
	if (mapping && mapping->host) {
		blocker->ino = mapping->host->i_ino;
		blocker->dev = mapping->host->i_sb->s_dev;
	}
	folio_unlock(folio);
}

static enum cma_page_kind cma_blocker_kind(struct folio *folio)
{
	if (folio_test_hugetlb(folio))
		return CMA_PAGE_HUGETLB;
	if (folio_test_anon(folio))
		return CMA_PAGE_ANON;
	if (__folio_test_movable(folio))
		return CMA_PAGE_MOVABLE;
	if (READ_ONCE(folio->mapping))
		return folio_test_swapbacked(folio) ? CMA_PAGE_SHMEM :
						      CMA_PAGE_FILE;
	return CMA_PAGE_OTHER;
}

static void cma_blocker_examine_folio(struct cma_blocker *blocker,
				      struct folio *folio)
{
	blocker->flags = folio->flags;
	blocker->refs = folio_ref_count(folio) - 1;
	blocker->maps = folio_mapcount(folio);
	blocker->is_pinned = folio_maybe_dma_pinned(folio);
	blocker->kind = cma_blocker_kind(folio);
	if (blocker->kind == CMA_PAGE_FILE || blocker->kind == CMA_PAGE_SHMEM)
		cma_blocker_examine_file(blocker, folio);
}

/* Of these nobody gets a reference, or the reference says nothing. */
static bool cma_blocker_is_plain(struct cma_blocker *blocker, struct page *page)
{
	blocker->flags = READ_ONCE(page->flags);
	blocker->refs = page_count(page);
	if (PageReserved(page))
		blocker->kind = CMA_PAGE_RESERVED;
	else if (PageSlab(page))
		blocker->kind = CMA_PAGE_SLAB;
	else if (PageTable(page))
		blocker->kind = CMA_PAGE_TABLE;
	else
		return false;
	return true;
}

/**
 * cma_blocker_examine() - look at a page
 * @blocker: receives what was seen
 * @pfn: the page; valid
 *
 * Context: process context.
 */
void cma_blocker_examine(struct cma_blocker *blocker, unsigned long pfn)
{
	struct page *page = pfn_to_page(pfn);
	struct folio *folio;

	*blocker = (struct cma_blocker){ .pfn = pfn };
	if (cma_blocker_is_plain(blocker, page))
		return;
	folio = page_folio(page);
	if (!folio_try_get(folio))
		return;
	if (page_folio(page) == folio)
		cma_blocker_examine_folio(blocker, folio);
	folio_put(folio);
}

/**
 * cma_blocker_print() - say what was seen
 * @blocker: a page that was looked at
 * @line: is added to
 *
 * Context: any.
 */
void cma_blocker_print(const struct cma_blocker *blocker, struct seq_buf *line)
{
	seq_buf_printf(line, "blocker: pfn %#lx, %s", blocker->pfn,
		       cma_blocker_kinds[blocker->kind]);
	if (blocker->ino)
		seq_buf_printf(line, " (device %u:%u, inode %lu)",
			       MAJOR(blocker->dev), MINOR(blocker->dev),
			       blocker->ino);
	if (blocker->kind == CMA_PAGE_GONE ||
	    blocker->kind == CMA_PAGE_ISOLATED)
		return;
	seq_buf_printf(line, ", refs %d, mapped %d, %sflags %pGp",
		       blocker->refs, blocker->maps,
		       blocker->is_pinned ? "pinned, " : "", &blocker->flags);
}
