/* SPDX-License-Identifier: GPL-2.0 */
/* disk.c: an ext4 on a slow disk, and what is counted beside it. */
#ifndef CMA_GUEST_DISK_H
#define CMA_GUEST_DISK_H

#include "guest.h"

#define DISK_DIR "/disk"

void disk_mount(const char *options);
bool disk_unmount(void);
struct hog disk_ballast(const struct area *a, unsigned long long left_kb);
unsigned long disk_lent_pages(const struct area *a);
void disk_tell_times(const char *key, double *ms, unsigned int n,
		     unsigned int failed);

#endif /* CMA_GUEST_DISK_H */
