/* Stage 2 on the machine: see stage2_host.h. */
#include "kernel/stage2_host.h"

#include "arch/arm64/barrier.h"
#include "arch/arm64/guest_mmu.h"
#include "kernel/palloc.h"
#include "kernel/vm.h"
#include "kernel/vm_plan.h"
#include "lib/bits.h"

#ifndef VMID_BITS_FORCED
#define VMID_BITS_FORCED 0 /* a test build may narrow the space to make rollovers frequent */
#endif

static struct vmid_space vmids;
static unsigned int pa_bits, ipa_bits;

void stage2_host_init(void)
{
	unsigned int vmid_bits = guest_mmu_has_vmid16() ? 16 : 8;

	pa_bits = guest_mmu_pa_bits();
	ipa_bits = pa_bits < IPA_BITS_WANTED ? pa_bits : IPA_BITS_WANTED;
	vmid_space_init(&vmids, VMID_BITS_FORCED ? VMID_BITS_FORCED : vmid_bits, guest_mmu_flush_all);
}

uint64_t stage2_host_ipa_bytes(void)
{
	return BIT(ipa_bits);
}

static void *alloc_table(struct stage2 *s2)
{
	(void)s2;
	return palloc_zeroed_page();
}

static void free_table(struct stage2 *s2, void *table)
{
	(void)s2;
	palloc_free(virt_to_phys(table), 0);
}

static uint64_t table_pa(struct stage2 *s2, const void *table)
{
	(void)s2;
	return virt_to_phys(table).raw;
}

static void *table_va(struct stage2 *s2, uint64_t address)
{
	(void)s2;
	return phys_to_virt(pa(address));
}

/* VTCR_EL2 says that walks are write-back inner shareable: a barrier is enough. */
static void publish(struct stage2 *s2, const uint64_t *descriptor)
{
	(void)s2;
	(void)descriptor;
	dsb(ishst);
}

static uint64_t vttbr_of(const struct vm *vm)
{
	return guest_mmu_vttbr(virt_to_phys(vm->stage2.root), vm->vmid.id);
}

static void flush_range(struct stage2 *s2, ipa_t base, uint64_t size_bytes)
{
	struct vm *vm = s2->ctx;

	/* Generation 0: it never ran, nothing of it is in a TLB. */
	if (vm->vmid.generation != 0)
		guest_mmu_flush_range(vttbr_of(vm), base, size_bytes);
}

static const struct stage2_ops host_ops = {
	.alloc_table = alloc_table,
	.free_table = free_table,
	.table_pa = table_pa,
	.table_va = table_va,
	.publish = publish,
	.flush_range = flush_range,
};

enum hv_err stage2_host_create(struct vm *vm)
{
	unsigned int start_level, root_pages;
	enum hv_err err;
	pa_t root;

	err = stage2_geometry(ipa_bits, &start_level, &root_pages);
	if (err == HV_OK)
		err = palloc_alloc(palloc_order_for(root_pages * PAGE_SIZE), &root);
	if (err != HV_OK)
		return err;
	for (uint64_t *at = phys_to_virt(root), *end = at + root_pages * PAGE_SIZE / sizeof(*at); at < end; at++)
		*at = 0;
	err = stage2_init(&vm->stage2, ipa_bits, phys_to_virt(root), &host_ops, vm);
	if (err != HV_OK)
		return err;
	vm->vtcr = guest_mmu_vtcr(stage2_vtcr(&vm->stage2, pa_bits));
	return HV_OK;
}

void stage2_host_destroy(struct vm *vm)
{
	stage2_destroy(&vm->stage2);
	palloc_free(virt_to_phys(vm->stage2.root), palloc_order_for(vm->stage2.root_pages * PAGE_SIZE));
}

void stage2_host_load(struct vm *vm, unsigned int cpu)
{
	guest_mmu_park();
	vmid_load(&vmids, cpu, &vm->vmid);
	guest_mmu_load(vttbr_of(vm), vm->vtcr);
}
