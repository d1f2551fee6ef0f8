/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How large an area has to be for buffers that are known beforehand.
 */
#ifndef CMA_BUFFERS_H
#define CMA_BUFFERS_H

#include "source.h"

void buffers_advise(const struct names *specs);

#endif /* CMA_BUFFERS_H */
