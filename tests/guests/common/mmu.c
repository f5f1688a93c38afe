#include "tests/guests/common/mmu.h"
#include "tests/guests/common/cpu.h"

#define RAM_ATTR (DESC_NORMAL | DESC_ISH | DESC_AF)

#define MAIR_VALUE 0x04ffUL /* 0: normal write-back; 1: Device-nGnRE */
/* 39-bit VA in TTBR0, 4 KiB granule, write-back walks, inner shareable, TTBR1 off, 40-bit PA. */
#define TCR_VALUE (25UL | 1UL << 8 | 1UL << 10 | 3UL << 12 | 1UL << 23 | 2UL << 32)

static uint64_t level1[512] __attribute__((aligned(4096)));
static uint64_t level2[512] __attribute__((aligned(4096)));
static uint64_t level3[512] __attribute__((aligned(4096)));

void mmu_make_tables(void)
{
	uint64_t ram = 0x40000000UL;

	for (unsigned int i = 0; i < 512; i++) {
		level2[i] = (ram + ((uint64_t)i << 21)) | RAM_ATTR | DESC_BLOCK;
		level3[i] = (MMU_PAGES + i * PAGE_BYTES) | RAM_ATTR | DESC_PAGE;
	}
	level2[(MMU_PAGES - ram) >> 21] = (uint64_t)level3 | DESC_TABLE;
	level1[0] = 0 | DESC_DEVICE | DESC_EL0 | DESC_AF | DESC_PXN | DESC_UXN | DESC_BLOCK;
	level1[1] = (uint64_t)level2 | DESC_TABLE;
	level1[2] = ram | RAM_ATTR | DESC_EL0 | DESC_READ_ONLY | DESC_BLOCK;
	level1[3] = ram | RAM_ATTR | DESC_EL0 | DESC_PXN | DESC_UXN | DESC_BLOCK;
	dsb();
}

void mmu_on(void)
{
	WRITE_REG(mair_el1, MAIR_VALUE);
	WRITE_REG(tcr_el1, TCR_VALUE);
	WRITE_REG(ttbr0_el1, (uint64_t)level1);
	isb();
	__asm__ volatile("tlbi vmalle1\n\tic iallu\n\tdsb nsh\n\tisb" ::: "memory");
	WRITE_REG(sctlr_el1, READ_REG(sctlr_el1) | 1UL << 0 | 1UL << 2 | 1UL << 12); /* M, C, I */
	isb();
}

/* Break before make. [DDI0487 D8.14.1] */
void mmu_set_page(uint64_t va, uint64_t descriptor)
{
	uint64_t *entry = &level3[(va - MMU_PAGES) / PAGE_BYTES];

	*(volatile uint64_t *)entry = 0;
	dsb();
	__asm__ volatile("tlbi vaae1is, %0\n\tdsb sy\n\tisb" ::"r"(va >> 12) : "memory");
	if (descriptor != 0)
		*(volatile uint64_t *)entry = descriptor;
	dsb();
	isb();
}

void mmu_map_page(uint64_t va, uint64_t pa)
{
	mmu_set_page(va, pa == 0 ? 0 : pa | RAM_ATTR | DESC_PAGE);
}
