// SPDX-License-Identifier: GPL-2.0
/*
 * The parser as a filter, for test_language.py. Reads lines "ADDR_MAX RAM
 * GRANULE HEX", where HEX is the text with a leading '.'; answers each with
 * "bad ERRNO CAUSE POSITION" or "good OP VALUE KIND VALUE KIND PLACEMENT BASE
 * END ERRNO BYTES", the last two out of cma_amount_resolve().
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/parse.h"

#define LINE_MAX_BYTES 4096

/* Copied to its exact length, so that ASan sees a read behind the end. */
static char *decode(const char *hex)
{
	size_t len = strlen(hex) / 2, i;
	char *text = malloc(len + 1);

	if (!text)
		abort();
	for (i = 0; i < len; i++) {
		char byte[3] = { hex[2 * i], hex[2 * i + 1], 0 };

		text[i] = (char)strtoul(byte, NULL, 16);
	}
	text[len] = 0;
	return text;
}

static void answer(const char *text, u64 addr_max, u64 ram, u64 granule)
{
	struct cma_parse_error err;
	struct cma_request req;
	u64 bytes = 0;
	int ret = cma_parse_request(text, addr_max, &req, &err);

	if (ret) {
		printf("bad %d %d %u\n", ret, (int)err.cause, err.at);
		return;
	}
	ret = cma_amount_resolve(&req.amount, ram, granule, &bytes);
	printf("good %d %llu %d %llu %d %d %llu %llu %d %llu\n",
	       (int)req.amount.op, req.amount.term[0].value,
	       req.amount.term[0].is_percent, req.amount.term[1].value,
	       req.amount.term[1].is_percent, (int)req.placement, req.base,
	       req.end, ret, bytes);
}

int main(void)
{
	char line[LINE_MAX_BYTES], hex[LINE_MAX_BYTES];
	u64 addr_max, ram, granule;

	while (fgets(line, sizeof(line), stdin)) {
		char *text;

		if (sscanf(line, "%llu %llu %llu .%s", &addr_max, &ram,
			   &granule, hex) != 4)
			return 2;
		text = decode(strcmp(hex, "-") ? hex : "");
		answer(text, addr_max, ram, granule);
		free(text);
	}
	return 0;
}
