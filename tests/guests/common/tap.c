#include "tests/guests/common/tap.h"
#include "tests/guests/common/cpu.h"
#include "tests/guests/common/print.h"
#include "tests/guests/common/psci.h"

static unsigned int nr_tests;

static void result(bool ok, const char *name, va_list args)
{
	print("%s %u - ", ok ? "ok" : "not ok", ++nr_tests);
	vprint(name, args);
	print("\n");
}

bool tap_ok(bool ok, const char *name, ...)
{
	va_list args;

	va_start(args, name);
	result(ok, name, args);
	va_end(args);
	return ok;
}

bool tap_is(unsigned long got, unsigned long want, const char *name, ...)
{
	va_list args;

	va_start(args, name);
	result(got == want, name, args);
	va_end(args);
	if (got != want)
		print("# got 0x%lx, want 0x%lx\n", got, want);
	return got == want;
}

void tap_skip(const char *name, const char *why)
{
	print("ok %u - %s # SKIP %s\n", ++nr_tests, name, why);
}

void tap_note(const char *text, ...)
{
	va_list args;

	va_start(args, text);
	print("# ");
	vprint(text, args);
	print("\n");
	va_end(args);
}

void tap_bail(const char *why, ...)
{
	va_list args;

	irq_mask();
	va_start(args, why);
	print("\nBail out! ");
	vprint(why, args);
	print("\n");
	va_end(args);
	print_flush();
	psci_system_off();
}

void tap_done(void)
{
	print("1..%u\n# done\n", nr_tests);
	print_flush();
}
