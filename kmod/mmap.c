// SPDX-License-Identifier: GPL-2.0-only
/*
 * pcring: how areas are mapped into a program.
 *
 * What the other end writes is mapped shared and read-only, and stays so: without
 * VM_MAYWRITE mprotect() has nothing to give, and without private mappings there is
 * no copy to be written. Nothing is populated later: a page is there when mmap()
 * returns, and what MADV_DONTNEED drops comes back as the same page.
 *
 * A mapping holds the file, so the pages of an area outlive it.
 */
#include <linux/mm.h>
#include "core.h"

static struct page *pcring_area_page(const struct pcring_area *area, u64 index)
{
	if (index < area->nr)
		return area->pages[index];
	index -= area->nr - area->twice;
	return index < area->nr ? area->pages[index] : NULL;
}

static vm_fault_t pcring_area_fault(struct vm_fault *vmf)
{
	const struct pcring_area *area = vmf->vma->vm_private_data;
	struct page *page;

	page = pcring_area_page(area,
				vmf->pgoff - (area->offset >> PAGE_SHIFT));
	if (!page)
		return VM_FAULT_SIGBUS;
	get_page(page);
	vmf->page = page;
	return 0;
}

static const struct vm_operations_struct pcring_area_vm_ops = {
	.fault = pcring_area_fault,
};

static int pcring_area_insert(struct pcring_area *area,
			      struct vm_area_struct *vma, u64 first)
{
	unsigned long addr = vma->vm_start;

	while (addr < vma->vm_end) {
		u64 run = (vma->vm_end - addr) >> PAGE_SHIFT;
		unsigned long nr;
		int err;

		/* The second time is a run of its own. */
		if (first >= area->nr)
			first -= area->nr - area->twice;
		nr = min_t(u64, run, area->nr - first);
		addr += nr << PAGE_SHIFT;
		run = nr;
		err = vm_insert_pages(vma, addr - (run << PAGE_SHIFT),
				      area->pages + first, &nr);
		if (err)
			return err;
		first += run;
	}
	return 0;
}

/**
 * pcring_area_mmap() - map a part of an area, or all of it
 * @area: the area; the caller has seen that @vma lies within.
 * @vma: being made.
 *
 * Return: 0; -EPERM: not shared, not read-only, or to be executed; -EINVAL: one's
 * own pages privately; -ENOMEM.
 */
int pcring_area_mmap(struct pcring_area *area, struct vm_area_struct *vma)
{
	/* VM_SHARED is not set for a file that was opened for reading. */
	if (!(vma->vm_flags & VM_MAYSHARE))
		return area->user_writes ? -EINVAL : -EPERM;
	if (vma->vm_flags & VM_EXEC)
		return -EPERM;
	if (!area->user_writes && (vma->vm_flags & VM_WRITE))
		return -EPERM;
	vm_flags_clear(vma, VM_MAYEXEC);
	if (!area->user_writes)
		vm_flags_clear(vma, VM_MAYWRITE);
	vm_flags_set(vma, VM_DONTEXPAND | VM_DONTDUMP);
	vma->vm_ops = &pcring_area_vm_ops;
	vma->vm_private_data = area;
	return pcring_area_insert(area, vma,
				  vma->vm_pgoff - (area->offset >> PAGE_SHIFT));
}
