/*
 * The last words of a boot that cannot go on: polled, on whatever console the device tree gives. No lock, no log, no
 * EL2 register.
 */
#include "arch/arm64/barrier.h"
#include "arch/arm64/el2_mmu.h"
#include "arch/arm64/sections.h"
#include "boot/boot.h"
#include "lib/bits.h"
#include "platform/platform.h"

#define TX_POLLS_MAX	 1000000U /* a UART that was never clocked is not ready for ever */
#define SEARCH_MAX_BYTES (UINT64_C(4) * SZ_1G)

static const struct hw_info *machine;
static bool own_mmu;

void boot_refuse_use(const struct hw_info *hw, bool mmu)
{
	machine = hw;
	own_mmu = mmu;
}

static void put(const struct hw_uart *uart, const char *text)
{
	const struct uart_driver *driver = plat_uart_driver(uart->kind);

	for (; *text != '\0'; text++) {
		for (unsigned int polls = 0; driver->tx(uart, (const uint8_t *)text, 1) == 0 && polls < TX_POLLS_MAX;
		     polls++) {
		}
	}
}

static void tell(const struct hw_uart *uart, const char *message)
{
	uint64_t start = align_down(uart->base.raw, PAGE_SIZE);

	if (plat_uart_driver(uart->kind) == NULL)
		return;
	/* It may be mapped already; where it cannot be, there is nothing left to try. */
	if (own_mmu && el2_mmu_map(pa(start), PAGE_SIZE, EL2_DEVICE) != HV_OK)
		return;
	dsb(ishst);
	isb();
	plat_uart_driver(uart->kind)->init(uart);
	put(uart, "\r\nCorbel cannot start: ");
	put(uart, message);
	put(uart, ".\r\n");
}

void boot_refuse(const char *message)
{
	if (machine != NULL && machine->console_is_named)
		tell(&machine->uarts[machine->console], message);
	/* No stdout-path: somebody may be listening on any of them. */
	else if (machine != NULL)
		for (unsigned int i = 0; i < machine->nr_uarts; i++)
			tell(&machine->uarts[i], message);
	for (;;)
		wfe();
}

/* Whatever the scan says of the tree, a console is all that is wanted of it. A bundle looks like a tree, but has none.
 */
static bool use_console_of(const void *fdt)
{
	static struct hw_info hw;
	static char ignored[HW_MESSAGE_MAX];

	if (!boot_is_fdt(fdt))
		return false;
	(void)fdt_scan(fdt, &hw, ignored);
	boot_refuse_use(&hw, false);
	return hw.nr_uarts != 0;
}

/*
 * We run in this gigabyte: its start is RAM, and QEMU leaves a tree there. U-Boot's `go` hands over none, but U-Boot
 * has the board's somewhere between there and its stack, which is at the top of the RAM that it uses.
 */
static void find_console(const void *fdt, uint64_t loader_sp)
{
	uint64_t start = align_down((uintptr_t)__image_start, SZ_1G);
	uint64_t end = loader_sp > start ? min_u64(loader_sp, start + SEARCH_MAX_BYTES) : start + PAGE_SIZE;

	if (use_console_of(fdt))
		return;
	for (uint64_t at = start; at < end; at += PAGE_SIZE)
		if (use_console_of((const void *)(uintptr_t)at))
			return;
}

void boot_refuse_entry(const void *fdt, unsigned int entry, uint64_t loader_sp)
{
	static const char *const messages[] = {
		[BOOT_AT_EL1] = "it was entered at EL1, but a hypervisor needs EL2 (QEMU: -M virt,virtualization=on)",
		[BOOT_MMU_ON] = "it was entered with the MMU on; the boot protocol has it off (U-Boot: booti, not go)",
		[BOOT_AT_EL3] = "it was entered at EL3; the firmware must drop to non-secure EL2 first",
		[BOOT_NO_FDT] = "x0 does not point at a device tree (QEMU: -kernel corbel.img, not an ELF)",
		[BOOT_BIG_FDT] = "the host's device tree is larger than the 2 MiB of the arm64 boot protocol",
	};

	find_console(fdt, loader_sp);
	boot_refuse(messages[entry]);
}
