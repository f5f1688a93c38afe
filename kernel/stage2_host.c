/* Stage 2 on the machine: see stage2_host.h. [DDI0487 VTTBR_EL2, VTCR_EL2] */
#include "kernel/stage2_host.h"

#include "arch/arm64/barrier.h"
#include "arch/arm64/sysreg.h"
#include "arch/arm64/tlb.h"
#include "kernel/palloc.h"
#include "kernel/vm.h"
#include "lib/bits.h"

#define ID_AA64MMFR0_EL1_PARANGE  GENMASK(3, 0)
#define ID_AA64MMFR1_EL1_VMIDBITS GENMASK(7, 4)
#define VMIDBITS_16		  2

#define VTTBR_EL2_VMID GENMASK(63, 48)
#define VTCR_EL2_VS    BIT(19) /* 16-bit VMIDs */
#define VTCR_EL2_RES1  BIT(31)

/* More than any guest platform window needs, and what the smallest ARMv8-A servers have. */
#define IPA_BITS_WANTED 40

#ifndef VMID_BITS_FORCED
#define VMID_BITS_FORCED 0 /* a test build may narrow the space to make rollovers frequent */
#endif

static struct vmid_space vmids;
static unsigned int pa_bits, ipa_bits;
static bool vmid16;

/* ID_AA64MMFR0_EL1.PARange [DDI0487 ID_AA64MMFR0_EL1]; 52 bits need LPA, which Corbel does not use. */
static unsigned int pa_bits_of(uint64_t parange)
{
	static const uint8_t bits[] = { 32, 36, 40, 42, 44, 48 };

	return parange < ARRAY_SIZE(bits) ? bits[parange] : 48;
}

void stage2_host_init(void)
{
	uint64_t mmfr1 = read_sysreg(id_aa64mmfr1_el1);

	pa_bits = pa_bits_of(FIELD_GET(ID_AA64MMFR0_EL1_PARANGE, read_sysreg(id_aa64mmfr0_el1)));
	ipa_bits = pa_bits < IPA_BITS_WANTED ? pa_bits : IPA_BITS_WANTED;
	vmid16 = FIELD_GET(ID_AA64MMFR1_EL1_VMIDBITS, mmfr1) == VMIDBITS_16;
	vmid_space_init(&vmids, VMID_BITS_FORCED ? VMID_BITS_FORCED : (vmid16 ? 16U : 8U), tlb_flush_guests_is);
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
	return virt_to_phys(vm->stage2.root).raw | FIELD_PREP(VTTBR_EL2_VMID, vm->vmid.id);
}

/* TLBIs work on the current VMID, so the VM's is put there for their time. It may be another guest's that is loaded here. */
static void flush_range(struct stage2 *s2, ipa_t base, uint64_t size_bytes)
{
	struct vm *vm = s2->ctx;
	uint64_t vttbr = read_sysreg(vttbr_el2);

	if (vm->vmid.generation == 0)
		return; /* never ran: nothing of it is in a TLB */
	write_sysreg(vttbr_of(vm), vttbr_el2);
	isb();
	if (size_bytes <= 64 * PAGE_SIZE) {
		for (uint64_t offset = 0; offset < size_bytes; offset += PAGE_SIZE)
			tlb_flush_ipa_is(ipa(base.raw + offset));
		tlb_flush_stage1_is();
	} else {
		tlb_flush_vmid_is();
	}
	write_sysreg(vttbr, vttbr_el2);
	isb();
}

static const struct stage2_ops host_ops = {
	.alloc_table = alloc_table,
	.free_table = free_table,
	.table_pa = table_pa,
	.table_va = table_va,
	.publish = publish,
	.flush_range = flush_range,
};

static unsigned int order_of(unsigned int pages)
{
	unsigned int order = 0;

	while ((1U << order) < pages)
		order++;
	return order;
}

enum hv_err stage2_host_create(struct vm *vm)
{
	unsigned int start_level, root_pages;
	enum hv_err err;
	pa_t root;

	err = stage2_geometry(ipa_bits, &start_level, &root_pages);
	if (err == HV_OK)
		err = palloc_alloc(order_of(root_pages), &root);
	if (err != HV_OK)
		return err;
	for (uint64_t *at = phys_to_virt(root), *end = at + root_pages * PAGE_SIZE / sizeof(*at); at < end; at++)
		*at = 0;
	err = stage2_init(&vm->stage2, ipa_bits, phys_to_virt(root), &host_ops, vm);
	if (err != HV_OK)
		return err;
	vm->vtcr = stage2_vtcr(&vm->stage2, pa_bits) | VTCR_EL2_RES1 | (vmid16 ? VTCR_EL2_VS : 0);
	return HV_OK;
}

void stage2_host_load(struct vm *vm, unsigned int cpu)
{
	vmid_load(&vmids, cpu, &vm->vmid);
	write_sysreg(vm->vtcr, vtcr_el2);
	write_sysreg(vttbr_of(vm), vttbr_el2);
	isb();
}
