// SPDX-License-Identifier: GPL-2.0-only
/*
 * pcring: what one user may have. Memory is charged to its cgroup as well, by the
 * allocations themselves; these caps are the module's own.
 */
#include <linux/cred.h>
#include <linux/list.h>
#include <linux/slab.h>
#include "core.h"

/**
 * struct pcring_user - a uid that has ctxs or pools
 * @node: in pcring_users.
 * @uid: of whoever opened.
 * @refs: ctxs and pools.
 * @ctxs: open and dying.
 * @bytes: charged.
 */
struct pcring_user {
	struct list_head node;
	kuid_t uid;
	u32 refs;
	u32 ctxs;
	u64 bytes;
};

static LIST_HEAD(pcring_users);
static DEFINE_MUTEX(pcring_users_lock);

static struct pcring_user *pcring_user_find(kuid_t uid)
{
	struct pcring_user *user;

	list_for_each_entry(user, &pcring_users, node)
		if (uid_eq(user->uid, uid))
			return user;
	user = kzalloc(sizeof(*user), GFP_KERNEL_ACCOUNT);
	if (!user)
		return NULL;
	user->uid = uid;
	list_add(&user->node, &pcring_users);
	return user;
}

/* The caller's own; a reference, or NULL for want of memory. */
struct pcring_user *pcring_user_get(void)
{
	struct pcring_user *user;

	mutex_lock(&pcring_users_lock);
	user = pcring_user_find(current_uid());
	if (user)
		user->refs++;
	mutex_unlock(&pcring_users_lock);
	return user;
}

void pcring_user_hold(struct pcring_user *user)
{
	mutex_lock(&pcring_users_lock);
	user->refs++;
	mutex_unlock(&pcring_users_lock);
}

void pcring_user_put(struct pcring_user *user)
{
	mutex_lock(&pcring_users_lock);
	if (!--user->refs) {
		WARN_ON_ONCE(user->bytes || user->ctxs);
		list_del(&user->node);
		kfree(user);
	}
	mutex_unlock(&pcring_users_lock);
}

int pcring_user_add_ctx(struct pcring_user *user)
{
	int err = -EMFILE;

	mutex_lock(&pcring_users_lock);
	if (user->ctxs < READ_ONCE(pcring_max_user_ctxs)) {
		user->ctxs++;
		err = 0;
	}
	mutex_unlock(&pcring_users_lock);
	return err;
}

void pcring_user_del_ctx(struct pcring_user *user)
{
	mutex_lock(&pcring_users_lock);
	user->ctxs--;
	mutex_unlock(&pcring_users_lock);
}

int pcring_user_charge(struct pcring_user *user, u64 bytes)
{
	u64 max = READ_ONCE(pcring_max_user_bytes);
	int err = -EMFILE;

	mutex_lock(&pcring_users_lock);
	if (bytes <= max && user->bytes <= max - bytes) {
		user->bytes += bytes;
		err = 0;
	}
	mutex_unlock(&pcring_users_lock);
	return err;
}

void pcring_user_uncharge(struct pcring_user *user, u64 bytes)
{
	mutex_lock(&pcring_users_lock);
	user->bytes -= bytes;
	mutex_unlock(&pcring_users_lock);
}
