#include "tests/guests/common/exception.h"

#include <stddef.h>

#include "tests/guests/common/cpu.h"
#include "tests/guests/common/tap.h"

static struct catch_state {
	bool armed;
	uint64_t resume;
	struct caught caught;
} catches[GUEST_MAX_CPUS];

bool (*catch_hook)(unsigned int from, struct frame *frame);

void catch_begin(uint64_t resume)
{
	struct catch_state *c = &catches[cpu_index()];

	c->caught = (struct caught){ 0 };
	c->resume = resume;
	STORE(c->armed, true);
}

struct caught catch_end(void)
{
	struct catch_state *c = &catches[cpu_index()];

	STORE(c->armed, false);
	__asm__ volatile("" ::: "memory");
	return c->caught;
}

static void resume_at(struct catch_state *c, struct frame *f)
{
	c->caught.x0 = f->x[0];
	f->elr = c->resume;
	f->spsr = 0x3c5; /* EL1h, all masked */
}

static void record(struct catch_state *c, unsigned int from, struct frame *f, uint64_t daif)
{
	bool svc = ESR_EC(f->esr) == EC_SVC64;

	if (catch_hook != NULL && catch_hook(from, f))
		return;
	if (from == FROM_EL0 && svc && (f->esr & 0xffff) == SVC_LEAVE) {
		resume_at(c, f);
		return;
	}
	if (c->caught.count++ == 0) {
		c->caught.from = from;
		c->caught.esr = f->esr;
		c->caught.elr = f->elr;
		c->caught.far = f->far;
		c->caught.spsr = f->spsr;
		c->caught.daif = daif;
		c->caught.x0 = f->x[0];
	}
	if (c->caught.count > 100)
		tap_bail("a caught exception repeats: esr=%lx elr=%lx far=%lx", f->esr, f->elr, f->far);
	if (c->resume != 0 && from != FROM_EL0)
		resume_at(c, f);
	else if (!svc)
		f->elr += 4; /* the preferred return address of all others is the instruction itself */
}

void on_exception(unsigned int slot, struct frame *frame)
{
	uint64_t daif = READ_REG(daif);
	struct catch_state *c = &catches[cpu_index()];
	unsigned int kind = slot & 3;

	if (kind == KIND_IRQ || kind == KIND_FIQ)
		on_irq(frame, kind == KIND_FIQ);
	else if (kind == KIND_SYNC && c->armed)
		record(c, slot >> 2, frame, daif);
	else
		tap_bail("unexpected exception: cpu=%u slot=%u esr=%lx elr=%lx far=%lx spsr=%lx", cpu_index(), slot,
			 frame->esr, frame->elr, frame->far, frame->spsr);
}
