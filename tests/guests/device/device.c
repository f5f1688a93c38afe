/*
 * A device of the host: a Raspberry Pi's mini UART. With device=given it is this VM's: registers, the page's borders,
 * and its interrupt, one for each byte that is typed there, through lives that end while it is pending or active. With
 * device=foreign it is somebody else's, and nothing of it can be reached.
 */
#include "tests/guests/common/bootargs.h"
#include "tests/guests/common/cpu.h"
#include "tests/guests/common/exception.h"
#include "tests/guests/common/irq.h"
#include "tests/guests/common/print.h"
#include "tests/guests/common/psci.h"
#include "tests/guests/common/tap.h"
#include "tests/guests/common/timer.h"

#define PAGE	    0xfe215000UL
#define PAGE_END    0xfe216000UL
#define AUX_ENABLES (PAGE + 0x04)
#define MU_IO	    (PAGE + 0x40)
#define MU_IER	    (PAGE + 0x44)
#define MU_LSR	    (PAGE + 0x54)
#define IER_RECEIVE 5U /* with the line status, without which a board has none */
#define DATA_READY  1U
#define INTID	    125U

#define DFSC_EXTERNAL 0x10 /* synchronous external abort, not on a walk */

/* The first GiB and RAM are all that mmu.c maps. */
bool guest_wants_mmu = false;

static volatile bool is_done, is_reset_wanted;
static volatile unsigned int nr_for_nothing; /* interrupts without a byte */

static void is_nobodys(uint64_t address, const char *what)
{
	struct caught caught;

	catch_begin(0);
	(void)read32(address);
	caught = catch_end();
	tap_is(caught.count, 1, "%s: the access faults", what);
	tap_is(ESR_EC(caught.esr) << 8 | (ESR_ISS(caught.esr) & 0x3f), EC_DABT_SAME << 8 | DFSC_EXTERNAL,
	       "%s: by an external abort", what);
	tap_is(caught.far, address, "%s: FAR_EL1", what);
}

/* One byte: the line stays high while there are more. */
static void take_key(uint32_t iar)
{
	char key;

	(void)iar;
	if (!(read32(MU_LSR) & DATA_READY)) {
		nr_for_nothing++;
		return;
	}
	key = (char)read32(MU_IO);
	print("device: key %c\n", key);
	if (key == 'a') /* its life ends with the interrupt active, and pending where more was typed */
		psci_system_reset();
	while (key == 's') /* stays: somebody cuts the power */
		;
	is_reset_wanted = key == 'p';
	is_done = key == 'q';
}

/* Its life ends with the interrupt pending. */
static void reset_with_pending(void)
{
	print("device: masked\n");
	while (!(read32(MU_LSR) & DATA_READY))
		;
	spin_ticks(timer_ms(5));
	psci_system_reset();
}

static void take_keys(void)
{
	while (!is_done) {
		wfi();
		irq_window();
		if (is_reset_wanted)
			reset_with_pending();
	}
	spin_ticks(timer_ms(5));
	irq_window();
	tap_is(nr_for_nothing, 0, "no interrupt without a byte");
	tap_is(irq_spurious[0], 0, "none was spurious");
	tap_ok(!gic_is_pending(INTID) && !gic_is_active(INTID), "and none is left");
}

static void test_given(void)
{
	is_nobodys(PAGE - 4, "below the page");
	is_nobodys(PAGE_END, "above the page");
	/* Stage 2 maps it, and the host's bus refuses: without an exit, HCR_EL2.TEA being 0. */
	is_nobodys(PAGE + 0x800, "within the page, behind the device");
	write32(AUX_ENABLES, read32(AUX_ENABLES) | 1);
	tap_is(read32(AUX_ENABLES) & 1, 1, "its registers are there");
	gic_init();
	gic_init_cpu();
	irq_handler(INTID, take_key);
	gic_enable(INTID);
	write32(MU_IER, IER_RECEIVE);
	print("device: ready\n");
	take_keys();
}

void guest_main(void)
{
	if (bootargs_is("device", "given")) {
		test_given();
	} else {
		is_nobodys(AUX_ENABLES, "the AUX block");
		is_nobodys(MU_LSR, "the mini UART");
	}
	tap_done();
}
