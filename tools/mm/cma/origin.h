/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What set the size of an area: the boot log tells, else the name of the area,
 * the device tree and the command line do.
 */
#ifndef CMA_ORIGIN_H
#define CMA_ORIGIN_H

#include "area.h"

/**
 * enum origin_kind - what set the size of an area
 * @ORIGIN_TREE: the node of the default area
 * @ORIGIN_CMDLINE: cma=, of the default area
 * @ORIGIN_KCONFIG: the configuration, of the default area
 * @ORIGIN_NOT_KNOWN: cma= or the configuration, nothing tells which
 * @ORIGIN_NODE: a node of its own; it is not known to be the default area
 * @ORIGIN_OPTION: another option of the command line
 */
enum origin_kind {
	ORIGIN_TREE,
	ORIGIN_CMDLINE,
	ORIGIN_KCONFIG,
	ORIGIN_NOT_KNOWN,
	ORIGIN_NODE,
	ORIGIN_OPTION,
};

/**
 * struct origin - what set the size of an area, and how this is known
 * @kind: what it was
 * @in_log: does the boot log say so?
 * @option: for ORIGIN_OPTION, which
 */
struct origin {
	enum origin_kind kind;
	bool in_log;
	const char *option;
};

struct origin origin_of(const struct area *area);
bool origin_is_fixed(const struct area *area);

#endif /* CMA_ORIGIN_H */
