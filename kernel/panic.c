/* Corbel's own bugs: see panic.h. The console polls from here on, and no lock is taken. */
#include "kernel/panic.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "arch/arm64/barrier.h"
#include "arch/arm64/gic/gic.h"
#include "arch/arm64/regs/esr.h"
#include "arch/arm64/sections.h"
#include "arch/arm64/syndrome.h"
#include "kernel/console.h"
#include "kernel/cpu.h"
#include "kernel/irq.h"
#include "lib/bits.h"
#include "vcpu/decode.h"

#define BACKTRACE_DEPTH 16
#define LAST_EXITS	8

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void say(const char *format, ...)
{
	char line[160];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	console_write(line, strlen(line));
	console_write("\n", 1);
}

void panic_halt_self(void)
{
	for (;;)
		wfe();
}

static void stop_others(void)
{
	for (unsigned int id = 0; id < MAX_CPUS; id++) {
		if (cpus[id].online && id != this_cpu())
			gic->send_sgi(id, IRQ_SGI_HALT);
	}
}

static bool in_text(uint64_t address)
{
	return address >= (uintptr_t)__image_start && address < (uintptr_t)__text_end;
}

/* Where code addresses are in corbel.elf, for addr2line: the image runs where it was loaded. */
static void say_code(const char *what, uint64_t address)
{
	if (in_text(address))
		say("%s corbel.elf+0x%lx", what, (unsigned long)(address - (uintptr_t)__image_start));
	else
		say("%s %lx: not in the image's text", what, (unsigned long)address);
}

static void say_backtrace(uint64_t fp)
{
	uint64_t top = this_percpu()->stack_top;

	for (unsigned int depth = 0; depth < BACKTRACE_DEPTH; depth++) {
		const uint64_t *record = (const uint64_t *)fp;

		/* A frame record lies on this pCPU's stack, 16-aligned; anything else ends the walk. */
		if (fp == 0 || !is_aligned(fp, 16) || fp + EL2_STACK_BYTES < top || fp >= top || !in_text(record[1]))
			return;
		say_code("  called from", record[1]);
		fp = record[0];
	}
}

static void say_guest(void)
{
	const struct cpu *cpu = cpu_self();
	const struct vcpu *vcpu = cpu != NULL ? cpu->loaded : NULL;

	if (vcpu == NULL) {
		say("no guest was loaded here");
		return;
	}
	say("guest loaded here: %s, PC %lx; its last exits:", vcpu->name, (unsigned long)vcpu->frame.elr);
	for (uint32_t back = LAST_EXITS; back > 0; back--) {
		const struct exit_trace *trace = &vcpu->trace[(vcpu->trace_next - back) % ARRAY_SIZE(vcpu->trace)];

		if (vcpu->trace_next >= back)
			say("  %s at PC %lx, ESR %lx", exit_reason_name((enum exit_reason)trace->reason),
			    (unsigned long)trace->elr, (unsigned long)trace->esr);
	}
}

static void begin(void)
{
	static uint32_t panics;

	/* A second panic, here or on another pCPU, only stops: the first one's words are what matters. */
	if (__atomic_fetch_add(&panics, 1, __ATOMIC_SEQ_CST) != 0)
		panic_halt_self();
	console_panic_mode();
	stop_others();
}

static void end(uint64_t fp)
{
	say_backtrace(fp);
	say_guest();
	say("Corbel stops here. This is a bug in Corbel: please report what stands above.");
	/* Log lines that still wait for the UART. Last: should this pCPU hold the log's lock, it ends here. */
	console_flush();
	panic_halt_self();
}

void panic(const char *format, ...)
{
	char text[160];
	va_list args;

	begin();
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	say("\nPANIC on CPU %u: %s", this_cpu(), text);
	end((uintptr_t)__builtin_frame_address(0));
	__builtin_unreachable();
}

static const char *kind_name(enum exit_kind kind)
{
	static const char *const names[] = { "synchronous exception", "IRQ", "FIQ", "SError" };

	return names[kind];
}

void el2_fatal_exception(const struct trap_frame *frame, enum exit_kind kind)
{
	struct syndrome own;

	syndrome_capture_own(&own);
	begin();
	say("\nPANIC on CPU %u: unexpected %s at EL2", this_cpu(), kind_name(kind));
	say("ESR_EL2 %lx: %s", (unsigned long)own.esr,
	    exception_class_name((unsigned int)FIELD_GET(ESR_ELx_EC, own.esr)));
	say("FAR_EL2 %lx  SP %lx  PSTATE %lx", (unsigned long)own.far, (unsigned long)frame->sp_el0,
	    (unsigned long)frame->spsr);
	say_code("PC", frame->elr);
	for (unsigned int n = 0; n < 30; n += 3)
		say("x%-2u %016lx  x%-2u %016lx  x%-2u %016lx", n, (unsigned long)frame->x[n], n + 1,
		    (unsigned long)frame->x[n + 1], n + 2, (unsigned long)frame->x[n + 2]);
	say_code("x30", frame->x[30]);
	end(frame->x[29]);
	__builtin_unreachable();
}
