/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why an allocation fails. One errno has several causes, and people can help
 * themselves only when they know which.
 */
#ifndef __MM_CMA_CAUSE_H
#define __MM_CMA_CAUSE_H

/**
 * enum cma_cause - why an allocation failed
 * @CMA_TOO_BIG: even an empty area would not do
 * @CMA_FULL: more is wanted than there is in slots that are not claimed
 * @CMA_FRAGMENTED: there is as much, but not in one piece
 * @CMA_BUSY: borrowed pages would not move
 * @CMA_NO_MEMORY: there is no memory elsewhere to move borrowed pages to
 * @CMA_INTERRUPTED: the task was killed
 * @CMA_INVALID: the demand makes no sense, or the area is dead
 * @CMA_CAUSES: how many there are
 */
enum cma_cause {
	CMA_TOO_BIG,
	CMA_FULL,
	CMA_FRAGMENTED,
	CMA_BUSY,
	CMA_NO_MEMORY,
	CMA_INTERRUPTED,
	CMA_INVALID,
	CMA_CAUSES,
};

#endif /* __MM_CMA_CAUSE_H */
