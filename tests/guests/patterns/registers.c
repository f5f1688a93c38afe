#include "tests/guests/patterns/registers.h"
#include "tests/guests/common/cpu.h"
#include "tests/guests/common/gic.h"
#include "tests/guests/common/platform.h"

/* GICv2 CPU interface. [IHI0048 4.4] */
#define GICC_CTLR 0x00
#define GICC_PMR  0x04
#define GICC_BPR  0x08
#define GICC_ABPR 0x1c
#define GICC_APR0 0xd0

static bool gicv2(void)
{
	return platform.gic_version == 2;
}

static bool gicv3(void)
{
	return platform.gic_version == 3;
}

static bool id_field(uint64_t id, unsigned int shift)
{
	return (id >> shift & 0xf) != 0;
}

static bool has_pan(void)
{
	return id_field(READ_REG(id_aa64mmfr1_el1), 20);
}

static bool has_uao(void)
{
	return id_field(READ_REG(id_aa64mmfr2_el1), 4);
}

static bool has_dit(void)
{
	return id_field(READ_REG(id_aa64pfr0_el1), 48);
}

static bool has_pauth(void)
{
	return (READ_REG(id_aa64isar1_el1) & 0xff000ff0) != 0 || (READ_REG(s3_0_c0_c6_2) & 0xff00) != 0;
}

static bool has_ssbs(void)
{
	return (READ_REG(id_aa64pfr1_el1) >> 4 & 0xf) >= 2; /* 1: the PSTATE bit, but no register to write it by */
}

/*
 * X(name, accessor, mask, fixed, kind, present): `fixed` is written with every pattern. What must be so: FPEN lets EL1
 * use FP; CNTP's compare value is far away; and the timer's interrupt ends a WFI: its priority is 0, its group is on,
 * PMR is below it, and so are the active priorities, which begin at 0x80, where a binary point of at most 6 still lets
 * it preempt. [IHI0069 4.8]
 */
#define SYSREGS(X)                                                                           \
	X(SCTLR_EL1, sctlr_el1, 0x040dc210, 0x30d00828, REG_KEEPS, 0) /* M, C, I off */      \
	X(CPACR_EL1, cpacr_el1, 1UL << 21, 1UL << 20, REG_KEEPS, 0)                          \
	X(TTBR0_EL1, ttbr0_el1, 0xffff0000fffff000, 0, REG_KEEPS, 0)                         \
	X(TTBR1_EL1, ttbr1_el1, 0xffff0000fffff000, 0, REG_KEEPS, 0)                         \
	X(TCR_EL1, tcr_el1, 0x00000017bf80bf3f, 0, REG_KEEPS, 0)                             \
	X(MAIR_EL1, mair_el1, ~0UL, 0, REG_KEEPS, 0)                                         \
	X(AMAIR_EL1, amair_el1, ~0UL, 0, REG_LOOSE, 0)                                       \
	X(ESR_EL1, esr_el1, 0xffffffff, 0, REG_KEEPS, 0)                                     \
	X(FAR_EL1, far_el1, ~0UL, 0, REG_KEEPS, 0)                                           \
	X(AFSR0_EL1, afsr0_el1, 0xffffffff, 0, REG_LOOSE, 0)                                 \
	X(AFSR1_EL1, afsr1_el1, 0xffffffff, 0, REG_LOOSE, 0)                                 \
	X(ELR_EL1, elr_el1, ~3UL, 0, REG_KEEPS, 0)                                           \
	X(SPSR_EL1, spsr_el1, 0xf00003c0, 0, REG_KEEPS, 0)                                   \
	X(SP_EL0, sp_el0, ~0xfUL, 0, REG_KEEPS, 0)                                           \
	X(CONTEXTIDR_EL1, contextidr_el1, 0xffffffff, 0, REG_KEEPS, 0)                       \
	X(TPIDR_EL0, tpidr_el0, ~0UL, 0, REG_KEEPS, 0)                                       \
	X(TPIDRRO_EL0, tpidrro_el0, ~0UL, 0, REG_KEEPS, 0)                                   \
	X(TPIDR_EL1, tpidr_el1, ~0UL, 0, REG_KEEPS, 0)                                       \
	X(PAR_EL1, par_el1, 0x0000fffff000, 0, REG_KEEPS, 0)                                 \
	X(CSSELR_EL1, csselr_el1, 0xf, 0, REG_KEEPS, 0)                                      \
	X(MDSCR_EL1, mdscr_el1, 0xb000, 0, REG_LOOSE, 0) /* MDE, KDE, TDCC: nothing hits */  \
	X(FPCR, fpcr, 0x07c00000, 0, REG_KEEPS, 0)                                           \
	X(FPSR, fpsr, 0x0800009f, 0, REG_KEEPS, 0)                                           \
	X(PSTATE.DA, daif, 0x300, 0x0c0, REG_KEEPS, 0) /* I and F stay masked */             \
	X(PSTATE.PAN, s3_0_c4_c2_3, 1UL << 22, 0, REG_KEEPS, has_pan)                        \
	X(PSTATE.UAO, s3_0_c4_c2_4, 1UL << 23, 0, REG_KEEPS, has_uao)                        \
	X(PSTATE.DIT, s3_3_c4_c2_5, 1UL << 24, 0, REG_KEEPS, has_dit)                        \
	X(PSTATE.SSBS, s3_3_c4_c2_6, 1UL << 12, 0, REG_KEEPS, has_ssbs)                      \
	X(CNTKCTL_EL1, cntkctl_el1, 0x3fb, 0, REG_KEEPS, 0) /* no event stream */            \
	X(CNTP_CVAL_EL0, cntp_cval_el0, 0x0fffffffffffffff, 1UL << 60, REG_KEEPS, 0)         \
	X(CNTP_CTL_EL0, cntp_ctl_el0, 3, 0, REG_KEEPS, 0)                                    \
	X(ICC_CTLR_EL1, icc_ctlr_el1, 3, 0, REG_KEEPS, gicv3) /* EOImode, CBPR */            \
	X(ICC_PMR_EL1, icc_pmr_el1, 0x78, 0x80, REG_KEEPS, gicv3)                            \
	X(ICC_BPR0_EL1, icc_bpr0_el1, 2, 4, REG_KEEPS, gicv3)                                \
	X(ICC_BPR1_EL1, icc_bpr1_el1, 2, 4, REG_LOOSE, gicv3) /* CBPR shows BPR0 here */     \
	X(ICC_IGRPEN0_EL1, icc_igrpen0_el1, 1, 0, REG_KEEPS, gicv3)                          \
	X(ICC_IGRPEN1_EL1, icc_igrpen1_el1, 0, 1, REG_KEEPS, gicv3)                          \
	X(ICC_AP0R0_EL1, s3_0_c12_c8_4, 0x55550000, 0, REG_KEEPS, gicv3)                     \
	X(ICC_AP1R0_EL1, s3_0_c12_c9_0, 0xaaaa0000, 0, REG_KEEPS, gicv3)                     \
	X(ICC_SRE_EL1, icc_sre_el1, 0, 7, REG_LOOSE, gicv3)                                  \
	X(ACTLR_EL1, actlr_el1, ~0UL, 0, REG_HIDDEN, 0)                                      \
	X(DISR_EL1, s3_0_c12_c1_1, 0x80ffffff, 0, REG_HIDDEN, 0)                             \
	X(TPIDR2_EL0, s3_3_c13_c0_5, ~0UL, 0, REG_HIDDEN, 0)                                 \
	X(SCXTNUM_EL0, s3_3_c13_c0_7, ~0UL, 0, REG_HIDDEN, 0)                                \
	X(SCXTNUM_EL1, s3_0_c13_c0_7, ~0UL, 0, REG_HIDDEN, 0)                                \
	X(APIAKeyLo_EL1, s3_0_c2_c1_0, ~0UL, 0, REG_KEEPS, has_pauth)                        \
	X(APIAKeyHi_EL1, s3_0_c2_c1_1, ~0UL, 0, REG_KEEPS, has_pauth)                        \
	X(APIBKeyLo_EL1, s3_0_c2_c1_2, ~0UL, 0, REG_KEEPS, has_pauth)                        \
	X(APIBKeyHi_EL1, s3_0_c2_c1_3, ~0UL, 0, REG_KEEPS, has_pauth)                        \
	X(APDAKeyLo_EL1, s3_0_c2_c2_0, ~0UL, 0, REG_KEEPS, has_pauth)                        \
	X(APDAKeyHi_EL1, s3_0_c2_c2_1, ~0UL, 0, REG_KEEPS, has_pauth)                        \
	X(APDBKeyLo_EL1, s3_0_c2_c2_2, ~0UL, 0, REG_KEEPS, has_pauth)                        \
	X(APDBKeyHi_EL1, s3_0_c2_c2_3, ~0UL, 0, REG_KEEPS, has_pauth)                        \
	X(APGAKeyLo_EL1, s3_0_c2_c3_0, ~0UL, 0, REG_KEEPS, has_pauth)                        \
	X(APGAKeyHi_EL1, s3_0_c2_c3_1, ~0UL, 0, REG_KEEPS, has_pauth)                        \
	X(RGSR_EL1, s3_0_c1_c0_5, 0xffff0f, 0, REG_HIDDEN, 0)                                \
	X(GCR_EL1, s3_0_c1_c0_6, 0x1ffff, 0, REG_HIDDEN, 0)                                  \
	X(ZCR_EL1, s3_0_c1_c2_0, 0xf, 0, REG_HIDDEN, 0)                                      \
	X(SMCR_EL1, s3_0_c1_c2_6, 0xf, 0, REG_HIDDEN, 0)                                     \
	X(LORN_EL1, s3_0_c10_c4_2, 0xff, 0, REG_HIDDEN, 0)                                   \
	X(PMUSERENR_EL0, s3_3_c9_c14_0, 0xf, 0, REG_HIDDEN, 0)                               \
	X(PMCCNTR_EL0, s3_3_c9_c13_0, ~0UL, 0, REG_HIDDEN, 0)                                \
	X(MDCCINT_EL1, s2_0_c0_c2_0, 0x60000000, 0, REG_HIDDEN, 0)                           \
	X(OSDLR_EL1, s2_0_c1_c3_4, 1, 0, REG_HIDDEN, 0)                                      \
	X(OSECCR_EL1, s2_0_c0_c6_2, 0xffffffff, 0, REG_HIDDEN, 0)                            \
	X(DBGBVR0_EL1, s2_0_c0_c0_4, ~3UL, 0, REG_KEEPS, 0)                                  \
	X(DBGBCR0_EL1, s2_0_c0_c0_5, 0x006, 0, REG_KEEPS, 0) /* never enabled */             \
	X(DBGWVR0_EL1, s2_0_c0_c0_6, ~7UL, 0, REG_KEEPS, 0)                                  \
	X(DBGWCR0_EL1, s2_0_c0_c0_7, 0x1ffe, 0, REG_KEEPS, 0)                                \
	X(SPSR_irq, s3_4_c4_c3_0, 0xf00003c0, 0, REG_HIDDEN, 0) /* EL2's, as are the rest */ \
	X(SPSR_abt, s3_4_c4_c3_1, 0xf00003c0, 0, REG_HIDDEN, 0)                              \
	X(SPSR_und, s3_4_c4_c3_2, 0xf00003c0, 0, REG_HIDDEN, 0)                              \
	X(SPSR_fiq, s3_4_c4_c3_3, 0xf00003c0, 0, REG_HIDDEN, 0)                              \
	X(DACR32_EL2, s3_4_c3_c0_0, 0xffffffff, 0, REG_HIDDEN, 0)                            \
	X(IFSR32_EL2, s3_4_c5_c0_1, 0xffffffff, 0, REG_HIDDEN, 0)                            \
	X(FPEXC32_EL2, s3_4_c5_c3_0, 0xffffffff, 0, REG_HIDDEN, 0)

#define SYSREG_FUNCTIONS(name, accessor, mask, fixed, kind, present) \
	static uint64_t get_##accessor(void)                         \
	{                                                            \
		return READ_REG(accessor);                           \
	}                                                            \
	static void set_##accessor(uint64_t value)                   \
	{                                                            \
		WRITE_REG(accessor, (value & (mask)) | (fixed));     \
	}
SYSREGS(SYSREG_FUNCTIONS)

/* X(name, function, offset, mask, fixed, kind). The timer is in group 0 here: EnableGrp0 stays on. */
#define GICC_REGS(X)                                                                                           \
	X(GICC_CTLR, gicc_ctlr, GICC_CTLR, 0x21e, 1, REG_KEEPS) /* EOImode, CBPR, FIQEn, AckCtl, EnableGrp1 */ \
	X(GICC_PMR, gicc_pmr, GICC_PMR, 0x78, 0x80, REG_KEEPS)                                                 \
	X(GICC_BPR, gicc_bpr, GICC_BPR, 2, 4, REG_KEEPS)                                                       \
	X(GICC_ABPR, gicc_abpr, GICC_ABPR, 2, 4, REG_LOOSE)                                                    \
	X(GICC_APR0, gicc_apr0, GICC_APR0, 0xffff0000, 0, REG_KEEPS)

#define GICC_FUNCTIONS(name, function, offset, mask, fixed, kind)                          \
	static uint64_t get_##function(void)                                               \
	{                                                                                  \
		return read32(platform.gicc + (offset));                                   \
	}                                                                                  \
	static void set_##function(uint64_t value)                                         \
	{                                                                                  \
		write32(platform.gicc + (offset), (uint32_t)((value & (mask)) | (fixed))); \
	}
GICC_REGS(GICC_FUNCTIONS)

/* Either table of vectors would do. */
static uint64_t get_vbar(void)
{
	return READ_REG(vbar_el1);
}

static void set_vbar(uint64_t value)
{
	extern char vectors[], vectors_alt[];

	WRITE_REG(vbar_el1, (uint64_t)(value & 0x800 ? vectors_alt : vectors));
}

/* PPIs 20 to 23, and the enables of PPIs 16 to 23: nothing is behind them. */
static uint64_t get_priorities(void)
{
	return read32(gic_frame(20) + GICD_IPRIORITYR + 20);
}

static void set_priorities(uint64_t value)
{
	write32(gic_frame(20) + GICD_IPRIORITYR + 20, (uint32_t)value);
}

static uint64_t get_enables(void)
{
	return read32(gic_frame(16) + GICD_ISENABLER);
}

static void set_enables(uint64_t value)
{
	write32(gic_frame(16) + GICD_ICENABLER, 0x00ff0000);
	write32(gic_frame(16) + GICD_ISENABLER, (uint32_t)value & 0x00ff0000);
}

const struct reg regs[] = {
#define SYSREG_ROW(name, accessor, mask, fixed, kind, present) \
	{ #name, mask, kind, present, get_##accessor, set_##accessor },
	SYSREGS(SYSREG_ROW)
#define GICC_ROW(name, function, offset, mask, fixed, kind) \
	{ #name, mask, kind, gicv2, get_##function, set_##function },
		GICC_REGS(GICC_ROW){ "VBAR_EL1", 0x800, REG_LOOSE, 0, get_vbar, set_vbar },
	{ "priorities of PPIs", 0xf8f8f8f8, REG_KEEPS, 0, get_priorities, set_priorities },
	{ "enables of PPIs", 0x00ff0000, REG_KEEPS, 0, get_enables, set_enables },
};
const unsigned int nr_regs = sizeof(regs) / sizeof(regs[0]);
