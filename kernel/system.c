/* The machine as a whole: see system.h. */
#include "kernel/system.h"

#include "arch/arm64/guest.h"
#include "arch/arm64/timer.h"
#include "kernel/console.h"
#include "kernel/irq.h"
#include "kernel/monitor.h"
#include "kernel/vm.h"
#include "lib/log.h"
#include "lib/spinlock.h"
#include "platform/platform.h"
#include "psci/psci_host.h"

const struct hw_info *system_hw;
struct corbel_options system_options;

/* A watchdog bites some time after it was set: a sentence before that would be a lie. */
#define BOARD_PATIENCE_US 500000

static void wait_for_board(void)
{
	uint64_t deadline = timer_now_ticks() + timer_us_to_ticks(BOARD_PATIENCE_US);

	while (timer_now_ticks() < deadline)
		arch_relax();
}

static void __attribute__((noreturn)) stay(void)
{
	for (;;)
		irq_wait();
}

void system_power_off(void)
{
	log_info("system", "powering off");
	console_flush();
	psci_host_system_off();
	plat_power_off(system_hw);
	wait_for_board();
	log_error("system", "this machine has no way to power itself off: it is safe to cut the power");
	stay();
}

void system_reboot(void)
{
	log_info("system", "rebooting");
	console_flush();
	psci_host_system_reset();
	plat_reset(system_hw);
	wait_for_board();
	log_error("system", "this machine has no way to reset itself: it is safe to cut the power");
	stay();
}

static bool ends;    /* atomic: the power-off that follows the last VM has begun */
static bool started; /* atomic: all VMs that were to start have been started */

void system_started(void)
{
	__atomic_store_n(&started, true, __ATOMIC_SEQ_CST);
}

void system_check_idle(void)
{
	/* A VM that ends before its neighbours were started does not end the machine. */
	if (!__atomic_load_n(&started, __ATOMIC_SEQ_CST) || vm_any_alive())
		return;
	if (system_options.on_idle == ON_IDLE_MONITOR) {
		monitor_open();
		console_rx_pump();
		return;
	}
	/* Two VMs may end together: once is enough. */
	if (!__atomic_exchange_n(&ends, true, __ATOMIC_SEQ_CST))
		system_power_off();
}
