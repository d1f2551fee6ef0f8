/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What to write where, for an area to have a size.
 */
#ifndef CMA_SETTING_H
#define CMA_SETTING_H

#include "area.h"

u64 setting_round(u64 bytes);
u64 setting_with_headroom(u64 bytes);
void setting_print_headroom(u64 bytes);
void setting_print(u64 bytes, const char *node);
void setting_explain(const struct area *area, u64 bytes);

#endif /* CMA_SETTING_H */
