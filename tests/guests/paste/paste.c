/* Ignores its console for two seconds, then reads all that was typed, and says how much and its sum at each line's end.
 */
#include "tests/guests/common/cpu.h"
#include "tests/guests/common/platform.h"
#include "tests/guests/common/print.h"
#include "tests/guests/common/timer.h"

#define UART_FR_RXFE 0x10

bool guest_wants_mmu = false;

void guest_main(void)
{
	uint32_t count = 0, sum = 0;

	print("deaf\n");
	print_flush();
	spin_ticks(timer_ms(2000));
	for (;;) {
		uint32_t byte;

		if (read32(UART_BASE + UART_FR) & UART_FR_RXFE)
			continue;
		byte = read32(UART_BASE + UART_DR) & 0xff;
		if (byte == '!')
			break;
		count++;
		sum += byte * count;
		if (byte == '.')
			print("heard %u bytes, sum %u\n", count, sum);
	}
}
