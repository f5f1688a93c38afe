/* Stage 1 walks for the guest: see guest_at.h. */
#include "arch/arm64/guest_at.h"

#include "arch/arm64/barrier.h"
#include "arch/arm64/sysreg.h"

uint64_t guest_at(uint64_t va, bool from_el0, bool write)
{
	uint64_t guest_par = read_sysreg(par_el1);
	uint64_t par;

	if (from_el0 && write)
		__asm__ volatile("at s1e0w, %0" : : "r"(va) : "memory");
	else if (from_el0)
		__asm__ volatile("at s1e0r, %0" : : "r"(va) : "memory");
	else if (write)
		__asm__ volatile("at s1e1w, %0" : : "r"(va) : "memory");
	else
		__asm__ volatile("at s1e1r, %0" : : "r"(va) : "memory");
	isb();
	par = read_sysreg(par_el1);
	write_sysreg(guest_par, par_el1);
	return par;
}
