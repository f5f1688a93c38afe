/*
 * The line that a VM is at, as its user sees it on a terminal: what stands there and where the cursor is, so that it
 * can be drawn again behind somebody else's line. Followed: printable characters, \b, \r, and of a terminal's control
 * sequences CSI C, D, K and J [ECMA-48 8.3.20, 8.3.22, 8.3.41, 8.3.39], which is what shells edit a line with; CSI A,
 * B, H and f lead elsewhere, so the line is not known any more. All others, colours too, change nothing. Pure.
 *
 * In prefix mode it is just what waits for its newline, and control sequences are dropped.
 */
#ifndef KERNEL_CONSOLE_LINE_H
#define KERNEL_CONSOLE_LINE_H

#include <stdbool.h>
#include <stdint.h>

/* Prefix mode: a guest's line that is longer than this, its "[name] " included, is broken. */
#define GUEST_LINE_BYTES 240

struct guest_line {
	char bytes[GUEST_LINE_BYTES + 2];		       /* and \r\n */
	uint32_t length, cursor;			       /* cursor: not in prefix mode; at most length */
	enum { ESCAPE_NONE, ESCAPE_BEGUN, ESCAPE_CSI } escape; /* how far into a terminal's control sequence */
	uint32_t parameter;				       /* CSI: the first; 0 where there is none */
};

/* Is the byte \r, or part of a control sequence? Then *final is what ends it, or 0. */
bool guest_line_is_control(struct guest_line *line, uint8_t byte, uint8_t *final);
/* The terminal gets this byte. */
void guest_line_put(struct guest_line *line, uint8_t byte);
/* How many columns the cursor is left of the text's end. */
uint32_t guest_line_columns_back(const struct guest_line *line);

#endif
