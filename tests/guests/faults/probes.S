/* Code that probes run: whole sequences end with an exception. A32 and T32 as words, what they are beside them. */
	.macro	PROBE name
	.global	\name
\name:
	.endm

	.text
	.balign	64
/* A64 */
PROBE a64_udf
	.inst	0
PROBE a64_load
	ldr	w1, [x0]
	svc	#1
PROBE a64_store
	str	w1, [x0]
	svc	#1
PROBE a64_pair
	ldp	w2, w3, [x0]
	svc	#1
PROBE a64_prefetch
	prfm	pldl1keep, [x0]
	svc	#1
PROBE a64_dc_civac
	dc	civac, x0
	svc	#1
PROBE a64_dc_zva
	dc	zva, x0
	svc	#1
PROBE a64_at_read
	at	s1e1r, x0
	svc	#1
PROBE a64_at_el0_write
	at	s1e0w, x0
	svc	#1
PROBE a64_branch
	br	x0
/* what no CPU of these tests' shows to a guest */
PROBE a64_pmcr
	mrs	x1, pmcr_el0
	svc	#1
PROBE a64_lorc
	mrs	x1, s3_0_c10_c4_3
	svc	#1
PROBE a64_zcr
	mrs	x1, s3_0_c1_c2_0
	svc	#1
PROBE a64_rdvl
	.inst	0x04bf5021		/* rdvl x1, #1 */
	svc	#1
PROBE a64_scxtnum
	mrs	x1, s3_3_c13_c0_7
	svc	#1

/* A32 */
PROBE a32_udf
	.inst	0xe7f000f0		/* udf #0 */
PROBE a32_load
	.inst	0xe5901000		/* ldr r1, [r0] */
	.inst	0xef000000		/* svc #0 */
PROBE a32_store
	.inst	0xe5801000		/* str r1, [r0] */
	.inst	0xe5902000		/* ldr r2, [r0] */
	.inst	0xe1d030f0		/* ldrsh r3, [r0] */
	.inst	0xef000000
PROBE a32_post
	.inst	0xe4901004		/* ldr r1, [r0], #4 */
	.inst	0xef000000
PROBE a32_ldm
	.inst	0xe8900006		/* ldm r0, {r1, r2} */
	.inst	0xef000000
PROBE a32_ldrd
	.inst	0xe1c020d0		/* ldrd r2, r3, [r0] */
	.inst	0xef000000
PROBE a32_dbgdidr
	.inst	0xee101e10		/* mrc p14, 0, r1, c0, c0, 0 */
	.inst	0xef000000
PROBE a32_ldc
	.inst	0xecb05e01		/* ldc p14, c5, [r0], #4 */
	.inst	0xef000000

PROBE a32_wfi
	.inst	0xe320f003		/* wfi */
	.inst	0xef000000

/* T32 */
PROBE t32_udf
	.hword	0xde00			/* udf #0 */
	.hword	0xdf00			/* svc #0 */
PROBE t32_load
	.hword	0x6801			/* ldr r1, [r0] */
	.hword	0xdf00
PROBE t32_store
	.hword	0x6001			/* str r1, [r0] */
	.hword	0xdf00
PROBE t32_dbgdidr
	.hword	0xee10, 0x1e10		/* mrc p14, 0, r1, c0, c0, 0 */
	.hword	0xdf00
PROBE t32_block
	.hword	0xbf0b			/* itete eq */
	.hword	0x6801			/* ldreq r1, [r0]: 16 bits */
	.hword	0x2201			/* movne r2, #1 */
	.hword	0xf8d0, 0x3000		/* ldreq.w r3, [r0]: 32 bits */
	.hword	0x2202			/* movne r2, #2 */
PROBE t32_block_end
	.hword	0xdf00
PROBE t32_abort
	.hword	0xbf04			/* itt eq */
PROBE t32_abort_load
	.hword	0x6801			/* ldreq r1, [r0] */
	.hword	0x2201			/* moveq r2, #1 */
	.hword	0xdf00
PROBE t32_wfi
	.hword	0xbf30			/* wfi: 16 bits */
	.hword	0xdf00
PROBE t32_wfi_wide
	.hword	0xf3af, 0x8003		/* wfi.w: 32 bits */
	.hword	0xdf00
	.balign	4
