/* SPDX-License-Identifier: GPL-2.0-only */
/* Calls that are made to fail, at one allocation (or copy) after the other. */
#ifndef PCRING_FAULT_H
#define PCRING_FAULT_H

#include "after.h"

/**
 * struct step - a call to make fail
 * @name: for people.
 * @before: what it needs; nothing fails there.
 * @op: the call. It may be made again on the same file.
 * @undo: of a call that failed half-way; or NULL.
 * @check: of all that came of it; or NULL.
 * @again: what it may say the second time, if it had done its work; or 0.
 * @least: so many points there are, for certain.
 * @bytes: all that is needed once: a second helping is refused. 0: no limit.
 */
struct step {
	const char *name;
	int (*before)(struct rig *rig);
	int (*op)(struct rig *rig);
	void (*undo)(struct rig *rig);
	bool (*check)(struct rig *rig);
	int again;
	int least;
	__u32 bytes;
};

/* NULL: there is none of that name. */
const struct step *step_find(const char *name);

#endif /* PCRING_FAULT_H */
