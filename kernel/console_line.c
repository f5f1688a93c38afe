/* A VM's line on the screen: see console_line.h. */
#include "kernel/console_line.h"

#include "lib/bits.h"

/* [ECMA-48 5.4] */
static uint8_t take_csi(struct guest_line *line, uint8_t byte)
{
	if (byte >= '0' && byte <= '9' && line->parameter < GUEST_LINE_BYTES)
		line->parameter = 10 * line->parameter + byte - '0';
	if (byte < '@' || byte > '~')
		return 0;
	line->escape = ESCAPE_NONE;
	return byte;
}

bool guest_line_is_control(struct guest_line *line, uint8_t byte, uint8_t *final)
{
	bool within = line->escape != ESCAPE_NONE;

	*final = 0;
	if (byte == 0x1b)
		line->escape = ESCAPE_BEGUN;
	else if (line->escape == ESCAPE_BEGUN && byte == '[') {
		line->escape = ESCAPE_CSI;
		line->parameter = 0;
	} else if (line->escape == ESCAPE_BEGUN)
		line->escape = ESCAPE_NONE;
	else if (line->escape == ESCAPE_CSI)
		*final = take_csi(line, byte);
	return within || byte == 0x1b || byte == '\r';
}

static uint32_t at_least_one(uint32_t parameter)
{
	return parameter == 0 ? 1 : parameter;
}

static void take_final(struct guest_line *line, uint8_t final)
{
	uint32_t by = at_least_one(line->parameter);

	switch (final) {
	case 'C': line->cursor = (uint32_t)min_u64(line->cursor + by, line->length); break;
	case 'D': line->cursor -= (uint32_t)min_u64(by, line->cursor); break;
	case 'J':
	case 'K':
		if (line->parameter == 0)
			line->length = line->cursor;
		break;
	case 'A':
	case 'B':
	case 'H':
	case 'f': line->length = line->cursor = 0; break;
	default: break;
	}
}

void guest_line_put(struct guest_line *line, uint8_t byte)
{
	uint8_t final;

	if (guest_line_is_control(line, byte, &final)) {
		if (byte == '\r')
			line->cursor = 0;
		else if (final != 0)
			take_final(line, final);
	} else if (byte == '\n') {
		line->length = line->cursor = 0;
	} else if (byte == '\b') {
		line->cursor -= line->cursor != 0;
	} else if (byte >= ' ' && line->cursor < GUEST_LINE_BYTES) {
		line->bytes[line->cursor++] = (char)byte;
		line->length = (uint32_t)max_u64(line->length, line->cursor);
	}
}

uint32_t guest_line_columns_back(const struct guest_line *line)
{
	return line->length - line->cursor;
}
