/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LINUX_COMPILER_H
#define _LINUX_COMPILER_H

#define __printf(text, first) __attribute__((format(printf, text, first)))
#define __weak __attribute__((weak))

#endif
