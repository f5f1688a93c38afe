/*
 * What does a VM find in its RAM? Counts the words of its own that stand there when it starts, leaves new ones
 * everywhere, and waits for ever: the harness resets it, which keeps RAM, or destroys it, which must not.
 */
#include "tests/guests/common/cpu.h"
#include "tests/guests/common/platform.h"
#include "tests/guests/common/print.h"

#define SECRET	     0x5ec2e75ec2e75ec2UL
#define KEEP_CLEAR   0x800000UL /* the image, its stacks and tables lie below this; the device tree above the end */
#define STRIDE_WORDS 8		/* one a cache line */

bool guest_wants_mmu = false;

void guest_main(void)
{
	volatile uint64_t *first = (volatile uint64_t *)(platform.ram_base + KEEP_CLEAR);
	volatile uint64_t *end = (volatile uint64_t *)(platform.ram_base + platform.ram_bytes - KEEP_CLEAR);
	uint64_t nr_found = 0, nr_left = 0;

	for (volatile uint64_t *at = first; at < end; at += STRIDE_WORDS) {
		nr_found += *at == SECRET;
		*at = SECRET;
		nr_left++;
	}
	print("leftover: found %lu, left %lu\n", nr_found, nr_left);
	print_flush();
	for (;;)
		wfi();
}
