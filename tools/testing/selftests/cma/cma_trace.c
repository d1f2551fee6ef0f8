// SPDX-License-Identifier: GPL-2.0
/* The trace events of areas. */
#include "cma_test.h"
#include "kselftest_harness.h"

FIXTURE(trace)
{
	struct cma_areas areas;
	const struct cma_area *a;
};

FIXTURE_SETUP(trace)
{
	const char *why = cma_find(&self->areas);

	why = why ?: cma_trace_open();
	if (why)
		SKIP(return, "%s", why);
	self->a = cma_largest(&self->areas);
	if (!self->a || cma_chunk(self->a) < 16)
		SKIP(cma_trace_close(); return, "no area with slots of one page is free");
}

FIXTURE_TEARDOWN(trace)
{
	cma_trace_close();
	cma_give_back(&self->areas);
}

/* How many lines there are that have both texts. */
static unsigned int lines_with(const char *trace, const char *event, const char *text)
{
	char *copy = strdup(trace), *line, *rest = NULL;
	unsigned int found = 0;

	for (line = strtok_r(copy, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		found += strstr(line, event) && strstr(line, text);
	free(copy);
	return found;
}

TEST_F(trace, a_request_has_start_finish_and_release)
{
	char text[128], *trace;

	ASSERT_EQ(0, cma_put(self->a, "alloc", 13));
	ASSERT_EQ(0, cma_put(self->a, "free", 13));
	trace = cma_trace_read();
	ASSERT_TRUE(!!trace);
	snprintf(text, sizeof(text), "name=%s ", self->a->said);
	EXPECT_EQ(1, lines_with(trace, "cma_alloc_start: ", text));
	EXPECT_EQ(1, lines_with(trace, "cma_alloc_start: ", " count=13 align=0"));
	EXPECT_EQ(1, lines_with(trace, "cma_alloc_finish: ", " count=13 align=0 errorno=0"));
	EXPECT_EQ(1, lines_with(trace, "cma_release: ", " count=13"));
}

/* Stock leaves out the end of a request that fails early. */
static void expect_finish(struct __test_metadata *_metadata, const struct cma_area *a,
			  unsigned long pages)
{
	char text[96], *trace;

	ASSERT_GT(0, cma_put(a, "alloc", pages));
	trace = cma_trace_read();
	ASSERT_TRUE(!!trace);
	snprintf(text, sizeof(text), " count=%lu align=0", pages);
	EXPECT_EQ(lines_with(trace, "cma_alloc_start: ", text),
		  lines_with(trace, "cma_alloc_finish: ", text)) {
		TH_LOG("%s: %lu pages", a->name, pages);
	}
	free(trace);
}

TEST_F(trace, a_request_for_too_much_has_a_finish)
{
	expect_finish(_metadata, self->a, self->a->count + 1);
}

TEST_F(trace, a_request_for_nothing_has_a_finish)
{
	expect_finish(_metadata, self->a, 0);
}

TEST_F(trace, a_request_to_a_full_area_has_a_finish_and_an_error)
{
	unsigned long pages = self->a->count;
	char text[96], *trace;

	ASSERT_EQ(0, cma_put(self->a, "alloc", 1));
	expect_finish(_metadata, self->a, pages);
	trace = cma_trace_read();
	ASSERT_TRUE(!!trace);
	snprintf(text, sizeof(text), " count=%lu align=0 errorno=-12", pages);
	EXPECT_EQ(1, lines_with(trace, "cma_alloc_finish: ", text));
}

/* The number of the type "CMA" is its place in the table of all types. */
static int number_of_type(void)
{
	char *text = cma_text("/proc/pagetypeinfo"), *line, *rest = NULL, name[32];
	int number = 0;

	for (line = text ? strtok_r(text, "\n", &rest) : NULL; line;
	     line = strtok_r(NULL, "\n", &rest)) {
		if (sscanf(line, "Node %*d, zone %*s type %31s", name) != 1)
			continue;
		if (!strcmp(name, "CMA"))
			return number;
		number++;
	}
	return -1;
}

static long long labelled(const char *line, const char *label)
{
	const char *at = strstr(line, label);

	return at ? strtoll(at + strlen(label), NULL, 0) : -1;
}

/* Stock gives the values of this event in another order than their names. */
TEST_F_TIMEOUT(trace, what_migrated_stands_under_the_right_names, 120)
{
	unsigned int events = 0, moved = 0;
	struct cma_memory memory;
	int type = number_of_type();
	char *trace, *line, *rest = NULL;
	const char *why;

	if (type < 0)
		SKIP(return, "/proc/pagetypeinfo does not tell the type of areas");
	if (cma_trace_enable("kmem/mm_alloc_contig_migrate_range_info"))
		SKIP(return, "no trace event mm_alloc_contig_migrate_range_info");
	why = cma_borrow(self->a, &memory);
	if (why)
		SKIP(return, "%s", why);
	cma_take_all(self->a);
	EXPECT_TRUE(cma_is_intact(&memory));
	trace = cma_trace_read();
	ASSERT_TRUE(!!trace);
	for (line = strtok_r(trace, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		if (!strstr(line, "migrate_range_info: "))
			continue;
		events++;
		moved += labelled(line, " nr_mapped=") + labelled(line, " nr_migrated=") > 0;
		EXPECT_EQ(type, labelled(line, " migratetype="));
	}
	if (!events || !moved)
		SKIP(return, "nothing was migrated");
}

TEST_HARNESS_MAIN
