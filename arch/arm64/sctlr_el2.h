/* SCTLR_EL2's two values, for assembly: E2H = 0, little-endian. [DDI0487 SCTLR_EL2] */
#ifndef ARCH_ARM64_SCTLR_EL2_H
#define ARCH_ARM64_SCTLR_EL2_H

/* Bits 4, 5, 11, 16, 18, 22, 23, 28, 29: the reset value need not have them. */
#define SCTLR_EL2_RES1 0x30c50830

#define SCTLR_EL2_M   (1 << 0)
#define SCTLR_EL2_C   (1 << 2)
#define SCTLR_EL2_SA  (1 << 3) /* SP alignment is checked */
#define SCTLR_EL2_I   (1 << 12)
#define SCTLR_EL2_WXN (1 << 19) /* what is writable is never executed, whatever its XN says */

#define SCTLR_EL2_MMU_OFF SCTLR_EL2_RES1
#define SCTLR_EL2_MMU_ON  (SCTLR_EL2_RES1 | SCTLR_EL2_M | SCTLR_EL2_C | SCTLR_EL2_SA | SCTLR_EL2_I | SCTLR_EL2_WXN)

#endif
