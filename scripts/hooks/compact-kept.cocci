// SPDX-License-Identifier: GPL-2.0
// file: mm/compaction.c
// near: suitable_migration_target\(
// optional: compaction under pressure moves pages into the part of an area that is kept free
// adds: 1 if (is_migrate_isolate_page(page))
//
// When it tries hardest, compaction takes any pageblock to move to. What is
// isolated is to become or to stay empty.

@kept@
identifier cc, page;
@@
suitable_migration_target(struct compact_control *cc, struct page *page)
{
+	if (is_migrate_isolate_page(page))
+		return false;
	...
}
