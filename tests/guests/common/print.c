#include "tests/guests/common/print.h"
#include "tests/guests/common/cpu.h"
#include "tests/guests/common/platform.h"
#include "tests/guests/common/smp.h"

static uint64_t uart(void)
{
	return platform.uart != 0 ? platform.uart : UART_BASE;
}

static void put(char c)
{
	while (read32(uart() + UART_FR) & UART_FR_TXFF)
		;
	write32(uart() + UART_DR, (uint32_t)(unsigned char)c);
}

static void put_number(uint64_t value, unsigned int base, unsigned int width, char pad)
{
	char digits[24];
	unsigned int n = 0;

	do {
		digits[n++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value != 0);
	for (; width > n; width--)
		put(pad);
	while (n > 0)
		put(digits[--n]);
}

static void put_signed(int64_t value, unsigned int width, char pad)
{
	if (value < 0)
		put('-');
	put_number(value < 0 ? -(uint64_t)value : (uint64_t)value, 10, width, pad);
}

static void put_string(const char *s)
{
	while (*s)
		put(*s++);
}

static struct lock print_lock;

void vprint(const char *f, va_list args)
{
	lock(&print_lock);
	for (; *f; f++) {
		unsigned int width = 0;
		bool is_long = false;
		char pad = ' ';

		if (*f != '%') {
			put(*f);
			continue;
		}
		if (*++f == '0')
			pad = '0';
		for (; *f >= '0' && *f <= '9'; f++)
			width = width * 10 + (unsigned int)(*f - '0');
		for (; *f == 'l'; f++)
			is_long = true;
		switch (*f) {
		case 'c': put((char)va_arg(args, int)); break;
		case 's': put_string(va_arg(args, const char *)); break;
		case 'd': put_signed(is_long ? va_arg(args, int64_t) : va_arg(args, int), width, pad); break;
		case 'u':
			put_number(is_long ? va_arg(args, uint64_t) : va_arg(args, unsigned int), 10, width, pad);
			break;
		case 'x':
			put_number(is_long ? va_arg(args, uint64_t) : va_arg(args, unsigned int), 16, width, pad);
			break;
		default: put(*f); break;
		}
	}
	unlock(&print_lock);
}

void print(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vprint(format, args);
	va_end(args);
}

void print_flush(void)
{
	while (read32(uart() + UART_FR) & UART_FR_BUSY)
		;
}
