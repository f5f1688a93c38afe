/* PL061 GPIO model: see vpl061.h. */
#include "dev/vpl061.h"

#include "lib/bits.h"

/* Offsets [DDI0190 3.2]. GPIODATA is everything below GPIODIR: address bits 9:2 choose the lines. */
#define GPIODIR	      0x400
#define GPIOIS	      0x404
#define GPIOIBE	      0x408
#define GPIOIEV	      0x40c
#define GPIOIE	      0x410
#define GPIORIS	      0x414
#define GPIOMIS	      0x418
#define GPIOIC	      0x41c
#define GPIOAFSEL     0x420
#define GPIOPeriphID0 0xfe0
#define FRAME_BYTES   0x1000

void vpl061_reset(struct vpl061_state *gpio)
{
	*gpio = (struct vpl061_state){ .input = gpio->input };
}

/* What stands on the lines: driven from outside, or by the guest. */
static uint8_t lines(const struct vpl061_state *gpio)
{
	return (uint8_t)((gpio->input & ~gpio->dir) | (gpio->data & gpio->dir));
}

static uint8_t raw_status(const struct vpl061_state *gpio)
{
	uint8_t levels = (uint8_t)(gpio->is & ~(lines(gpio) ^ gpio->iev));

	return (uint8_t)(levels | (gpio->edges & ~gpio->is));
}

static bool irq_level(const struct vpl061_state *gpio)
{
	return (raw_status(gpio) & gpio->ie) != 0;
}

/* Edges that the change from `before` has made, on lines that look at edges. */
static void note_edges(struct vpl061_state *gpio, uint8_t before)
{
	uint8_t now = lines(gpio), changed = now ^ before;

	gpio->edges |= (uint8_t)(changed & ~gpio->is & (gpio->ibe | (uint8_t) ~(now ^ gpio->iev)));
}

bool vpl061_set_input(struct vpl061_state *gpio, unsigned int line, bool high)
{
	uint8_t before = lines(gpio), bit = (uint8_t)BIT(line);

	gpio->input = high ? gpio->input | bit : (uint8_t)(gpio->input & ~bit);
	note_edges(gpio, before);
	return irq_level(gpio);
}

static uint32_t read_register(const struct vpl061_state *gpio, uint64_t offset)
{
	/* PL061: part 0x061, designer 0x41; PrimeCell [DDI0190 3.3.11]. */
	static const uint8_t id_bytes[] = { 0x61, 0x10, 0x04, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };

	if (offset < GPIODIR)
		return lines(gpio) & (uint32_t)(offset >> 2);
	if (offset >= GPIOPeriphID0)
		return id_bytes[(offset - GPIOPeriphID0) / 4];
	switch (offset) {
	case GPIODIR: return gpio->dir;
	case GPIOIS: return gpio->is;
	case GPIOIBE: return gpio->ibe;
	case GPIOIEV: return gpio->iev;
	case GPIOIE: return gpio->ie;
	case GPIORIS: return raw_status(gpio);
	case GPIOMIS: return raw_status(gpio) & gpio->ie;
	case GPIOAFSEL: return gpio->afsel;
	default: return 0; /* reserved, or GPIOIC, which is write-only */
	}
}

static void write_register(struct vpl061_state *gpio, uint64_t offset, uint8_t value)
{
	uint8_t mask = (uint8_t)(offset >> 2);

	if (offset < GPIODIR) {
		gpio->data = (uint8_t)((gpio->data & ~mask) | (value & mask));
		return;
	}
	switch (offset) {
	case GPIODIR: gpio->dir = value; break;
	case GPIOIS: gpio->is = value; break;
	case GPIOIBE: gpio->ibe = value; break;
	case GPIOIEV: gpio->iev = value; break;
	case GPIOIE: gpio->ie = value; break;
	case GPIOIC: gpio->edges &= (uint8_t)~value; break;
	case GPIOAFSEL: gpio->afsel = value; break;
	default: break; /* reserved, or read-only */
	}
}

/* Access widths as the vPL031 has them: 32-bit registers of an APB device, of which the lowest byte counts. */
enum mmio_result vpl061_access(struct vpl061_state *gpio, struct mmio_access *access, bool write, bool *level)
{
	unsigned int bytes = access_width_bytes(access->width), lane = (unsigned int)(access->offset % 4);
	uint64_t offset = access->offset - lane;
	uint8_t before = lines(gpio);

	*level = irq_level(gpio);
	if (access->width == ACCESS_QWORD || !is_aligned(access->offset, bytes) || access->offset >= FRAME_BYTES)
		return MMIO_FAULT;
	if (!write)
		access->value = (read_register(gpio, offset) >> (8 * lane)) & access_width_mask(access->width);
	else if (lane == 0)
		write_register(gpio, offset, (uint8_t)access->value);
	note_edges(gpio, before);
	*level = irq_level(gpio);
	return MMIO_OK;
}
