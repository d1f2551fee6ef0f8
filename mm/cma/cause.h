/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why an allocation fails. One errno has several causes, and people can help
 * themselves only when they know which.
 */
#ifndef __MM_CMA_CAUSE_H
#define __MM_CMA_CAUSE_H

/**
 * enum cma_fail_cause - why an allocation failed
 * @CMA_FAIL_TOO_BIG: even an empty area would not do
 * @CMA_FAIL_FULL: more is wanted than there is in slots that are not claimed
 * @CMA_FAIL_FRAGMENTED: there is as much, but not in one piece
 * @CMA_FAIL_BUSY: borrowed pages would not move
 * @CMA_FAIL_NO_MEMORY: there is no memory elsewhere to move borrowed pages to
 * @CMA_FAIL_INTERRUPTED: the task was killed
 * @CMA_FAIL_INVALID: the demand makes no sense, or the area is dead
 * @CMA_NR_FAIL_CAUSES: how many there are
 */
enum cma_fail_cause {
	CMA_FAIL_TOO_BIG,
	CMA_FAIL_FULL,
	CMA_FAIL_FRAGMENTED,
	CMA_FAIL_BUSY,
	CMA_FAIL_NO_MEMORY,
	CMA_FAIL_INTERRUPTED,
	CMA_FAIL_INVALID,
	CMA_NR_FAIL_CAUSES,
};

#endif /* __MM_CMA_CAUSE_H */
