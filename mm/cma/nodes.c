// SPDX-License-Identifier: GPL-2.0
/*
 * Reads lists of sizes for NUMA nodes, see nodes.h.
 */
#include <linux/types.h>

#include "nodes.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Node number at @text; returns what is behind it, NULL if it is too large. */
static const char *read_nid(const char *text, unsigned int nr_nodes,
			    unsigned int *nid)
{
	for (*nid = 0; is_digit(*text); text++) {
		*nid = *nid * 10 + (unsigned int)(*text - '0');
		if (*nid >= nr_nodes)
			return NULL;
	}
	return text;
}

static const char *fail(struct cma_parse_error *err, unsigned int at,
			enum cma_parse_cause cause)
{
	err->cause = cause;
	err->at = at;
	return NULL;
}

/**
 * cma_parse_next_node() - read one element of a list
 * @text: begins with the element
 * @nr_nodes: node numbers are below this, 1 to 65536
 * @part: receives the element
 * @err: cause, and position relative to @text, when it is malformed
 *
 * Context: any.
 * Return: what is behind the element and its comma, the end of the text after
 * the last one; NULL when it is malformed. A comma at the end is malformed.
 */
const char *cma_parse_next_node(const char *text, unsigned int nr_nodes,
				struct cma_parse_node *part,
			   struct cma_parse_error *err)
{
	const char *colon = read_nid(text, nr_nodes, &part->nid);
	unsigned int at;
	const char *end;

	if (!colon)
		return fail(err, 0, CMA_PARSE_OVERFLOW);
	at = (unsigned int)(colon - text);
	if (!at && !*text)
		return fail(err, 0, CMA_PARSE_EMPTY);
	if (!at || (*colon && *colon != ':'))
		return fail(err, at, CMA_PARSE_UNEXPECTED);
	if (!*colon)
		return fail(err, at, CMA_PARSE_CUT_SHORT);

	end = cma_parse_size(colon + 1, &part->bytes, err);
	if (!end)
		return fail(err, at + 1 + err->at, err->cause);
	at = (unsigned int)(end - text);
	if (!*end)
		return end;
	if (*end != ',')
		return fail(err, at, CMA_PARSE_UNEXPECTED);
	return end[1] ? end + 1 : fail(err, at + 1, CMA_PARSE_CUT_SHORT);
}

/**
 * cma_parse_check_nodes() - is a list well formed as a whole?
 * @list: the list; NULL counts as empty
 * @nr_nodes: node numbers are below this, 1 to 65536
 * @err: cause and position when it is not
 *
 * Context: any.
 * Return: true when each element can be read with cma_parse_next_node().
 */
bool cma_parse_check_nodes(const char *list, unsigned int nr_nodes,
			   struct cma_parse_error *err)
{
	struct cma_parse_node part;
	const char *at = list ? list : "";
	const char *next;

	do {
		next = cma_parse_next_node(at, nr_nodes, &part, err);
		if (!next) {
			err->at += (unsigned int)(list ? at - list : 0);
			return false;
		}
		at = next;
	} while (*at);
	err->cause = CMA_PARSE_OK;
	return true;
}
