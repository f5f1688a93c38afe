/* uint64_t smc_call(function, a1, a2, a3): SMCCC and AAPCS64 agree on X0-X3 and on what is preserved. */
	.section .text.smc_call, "ax"
	.globl	smc_call
	.type	smc_call, %function
smc_call:
	smc	#0
	ret
	.size	smc_call, . - smc_call
