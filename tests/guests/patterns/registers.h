/* Every register that EL1 can write, but x0-x30, V0-V31, SP, NZCV and the virtual timer, which hold.S and sleep() have.
 */
#ifndef GUESTS_PATTERNS_REGISTERS_H
#define GUESTS_PATTERNS_REGISTERS_H

#include <stdbool.h>
#include <stdint.h>

enum reg_kind {
	REG_KEEPS,  /* each bit of the mask takes anything */
	REG_LOOSE,  /* may take less: what it reads back is what it keeps */
	REG_HIDDEN, /* of a feature that no ID register shows: UNDEF; or zero, or this VM's own value */
};

struct reg {
	const char *name;
	uint64_t mask; /* bits that may be anything: the setter adds those that must be so */
	enum reg_kind kind;
	bool (*present)(void); /* NULL: always */
	uint64_t (*get)(void);
	void (*set)(uint64_t value);
};

extern const struct reg regs[];
extern const unsigned int nr_regs;

#endif
