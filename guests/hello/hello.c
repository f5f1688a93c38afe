/* The smallest guest worth the name: it says where it runs, and echoes what is typed until a q. */
#include "guests/common/cpu.h"
#include "guests/common/uart.h"

void main(void)
{
	int key;

	uart_init();
	uart_text("Hello from EL");
	uart_unsigned(READ_REG(CurrentEL) >> 2, 0);
	uart_text(" of CPU ");
	uart_hex(READ_REG(mpidr_el1) & 0xff00ffffff);
	uart_text(". Time is counted at ");
	uart_unsigned(READ_REG(cntfrq_el0), 0);
	uart_text(" Hz.\nType something; q powers off.\n");

	while ((key = uart_poll()) != 'q')
		if (key == '\r')
			uart_put('\n');
		else if (key >= 0)
			uart_put((char)key);

	uart_text("\nBye.\n");
}
