// SPDX-License-Identifier: GPL-2.0-only
/*
 * pcring: debugfs: pcring/<device>/ctxs, a line for each ctx, open and dying.
 */
#include <linux/debugfs.h>
#include <linux/seq_file.h>
#include "core.h"

static struct dentry *pcring_debugfs;

static const char *pcring_state_name(u32 state)
{
	static const char *const names[] = {
		[PCRING_STATE_SETUP] = "setup",
		[PCRING_STATE_LIVE] = "live",
		[PCRING_STATE_DRAINING] = "draining",
		[PCRING_STATE_DEAD] = "dead",
		[PCRING_STATE_UNPLUGGED] = "unplugged",
	};

	return state < ARRAY_SIZE(names) ? names[state] : "?";
}

static int ctxs_show(struct seq_file *seq, void *unused)
{
	struct pcring_device *device = seq->private;
	struct pcring_ctx *ctx;

	mutex_lock(&device->lock);
	list_for_each_entry(ctx, &device->ctxs, node)
		seq_printf(seq, "%u %s %s pid %d %s rings %u bytes %llu\n",
			   ctx->id,
			   pcring_state_name(pcring_ctx_get_state(ctx)),
			   test_bit(PCRING_CTX_CLOSED, &ctx->flags) ? "dying"
								    : "open",
			   ctx->pid, ctx->comm, pcring_ctx_nr_rings(ctx),
			   ctx->charged);
	mutex_unlock(&device->lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(ctxs);

void pcring_debugfs_add(struct pcring_device *device)
{
	device->debugfs = debugfs_create_dir(device->name, pcring_debugfs);
	debugfs_create_file("ctxs", 0400, device->debugfs, device, &ctxs_fops);
}

/* Waits for who reads. */
void pcring_debugfs_del(struct pcring_device *device)
{
	debugfs_remove(device->debugfs);
}

void pcring_debugfs_init(void)
{
	pcring_debugfs = debugfs_create_dir("pcring", NULL);
}

void pcring_debugfs_exit(void)
{
	debugfs_remove(pcring_debugfs);
}
