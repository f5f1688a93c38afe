/* PL031 real-time clock model: a counter of seconds with a match register. */
#include "dev/vpl031.h"

#include "lib/bits.h"

/* Offsets [DDI0224 3.2]. */
#define RTCDR	     0x000
#define RTCMR	     0x004
#define RTCLR	     0x008
#define RTCCR	     0x00c
#define RTCIMSC	     0x010
#define RTCRIS	     0x014
#define RTCMIS	     0x018
#define RTCICR	     0x01c
#define RTCPeriphID0 0xfe0
#define FRAME_BYTES  0x1000

#define RTC_INT BIT(0) /* RTCIMSC, RTCRIS, RTCMIS, RTCICR */

void vpl031_reset(struct vpl031_state *rtc)
{
	*rtc = (struct vpl031_state){ 0 };
}

/* RTCDR at this time: the counter has 32 bits and wraps. */
static uint32_t counter(const struct vpl031_state *rtc, uint64_t now_seconds)
{
	return (uint32_t)(now_seconds + rtc->offset_seconds);
}

/* A match in the past is one in the future, once around. */
static void arm(struct vpl031_state *rtc, uint64_t now_seconds)
{
	rtc->armed = true;
	rtc->match_seconds = now_seconds + (uint32_t)(rtc->match - counter(rtc, now_seconds));
}

bool vpl031_tick(struct vpl031_state *rtc, uint64_t now_seconds)
{
	if (rtc->armed && now_seconds >= rtc->match_seconds) {
		rtc->armed = false;
		rtc->ris = RTC_INT;
	}
	return rtc->ris & rtc->imsc;
}

/* A masked match raises nothing, but RTCRIS shows it: whoever reads that makes time pass by the read itself. */
bool vpl031_next_match(const struct vpl031_state *rtc, uint64_t now_seconds, uint64_t *in_seconds)
{
	if (!rtc->armed || !(rtc->imsc & RTC_INT))
		return false;
	*in_seconds = rtc->match_seconds > now_seconds ? rtc->match_seconds - now_seconds : 0;
	return true;
}

/* --- registers -------------------------------------------------------------------------------- */

static uint32_t read_dr(const struct vpl031_state *rtc, uint64_t now_seconds)
{
	return counter(rtc, now_seconds);
}

static uint32_t read_mr(const struct vpl031_state *rtc, uint64_t now_seconds)
{
	(void)now_seconds;
	return rtc->match;
}

static void write_mr(struct vpl031_state *rtc, uint64_t now_seconds, uint32_t value)
{
	rtc->match = value;
	arm(rtc, now_seconds);
}

static uint32_t read_lr(const struct vpl031_state *rtc, uint64_t now_seconds)
{
	(void)now_seconds;
	return rtc->load;
}

/* Setting the clock moves the match that is waited for. */
static void write_lr(struct vpl031_state *rtc, uint64_t now_seconds, uint32_t value)
{
	rtc->load = value;
	rtc->offset_seconds = value - now_seconds;
	if (rtc->armed)
		arm(rtc, now_seconds);
}

/* The clock always runs: once started it cannot be stopped but by reset [DDI0224 3.3.4]. Writes are ignored. */
static uint32_t read_cr(const struct vpl031_state *rtc, uint64_t now_seconds)
{
	(void)rtc;
	(void)now_seconds;
	return 1;
}

static uint32_t read_imsc(const struct vpl031_state *rtc, uint64_t now_seconds)
{
	(void)now_seconds;
	return rtc->imsc;
}

static void write_imsc(struct vpl031_state *rtc, uint64_t now_seconds, uint32_t value)
{
	(void)now_seconds;
	rtc->imsc = value & RTC_INT;
}

static uint32_t read_ris(const struct vpl031_state *rtc, uint64_t now_seconds)
{
	(void)now_seconds;
	return rtc->ris;
}

static uint32_t read_mis(const struct vpl031_state *rtc, uint64_t now_seconds)
{
	(void)now_seconds;
	return rtc->ris & rtc->imsc;
}

static void write_icr(struct vpl031_state *rtc, uint64_t now_seconds, uint32_t value)
{
	(void)now_seconds;
	rtc->ris &= ~value;
}

/* A missing handler is RAZ or WI. */
struct vpl031_reg {
	uint32_t (*read)(const struct vpl031_state *rtc, uint64_t now_seconds);
	void (*write)(struct vpl031_state *rtc, uint64_t now_seconds, uint32_t value);
};

static const struct vpl031_reg registers[] = {
	[RTCDR / 4] = { .read = read_dr },
	[RTCMR / 4] = { .read = read_mr, .write = write_mr },
	[RTCLR / 4] = { .read = read_lr, .write = write_lr },
	[RTCCR / 4] = { .read = read_cr },
	[RTCIMSC / 4] = { .read = read_imsc, .write = write_imsc },
	[RTCRIS / 4] = { .read = read_ris },
	[RTCMIS / 4] = { .read = read_mis },
	[RTCICR / 4] = { .write = write_icr },
};

/* RTCPeriphID0-3: part 0x031, designer 0x41; RTCPCellID0-3 [DDI0224 3.3.9]. */
static const uint8_t id_bytes[] = { 0x31, 0x10, 0x04, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };

static uint32_t read_register(const struct vpl031_state *rtc, uint64_t now_seconds, uint64_t index)
{
	if (index >= RTCPeriphID0 / 4)
		return id_bytes[index - RTCPeriphID0 / 4];
	if (index >= ARRAY_SIZE(registers) || !registers[index].read)
		return 0;
	return registers[index].read(rtc, now_seconds);
}

static void write_register(struct vpl031_state *rtc, uint64_t now_seconds, uint64_t index, uint32_t value)
{
	if (index < ARRAY_SIZE(registers) && registers[index].write)
		registers[index].write(rtc, now_seconds, value);
}

/* Access widths as the vPL011 has them: 32-bit registers of an APB device. */
enum mmio_result vpl031_access(struct vpl031_state *rtc, uint64_t now_seconds, struct mmio_access *access, bool write,
			       bool *irq_level)
{
	unsigned int bytes = access_width_bytes(access->width), lane = (unsigned int)(access->offset % 4);
	uint64_t index = access->offset / 4;

	*irq_level = vpl031_tick(rtc, now_seconds);
	if (access->width == ACCESS_QWORD || !is_aligned(access->offset, bytes) || access->offset >= FRAME_BYTES)
		return MMIO_FAULT;
	if (!write)
		access->value =
			(read_register(rtc, now_seconds, index) >> (8 * lane)) & access_width_mask(access->width);
	else if (lane == 0)
		write_register(rtc, now_seconds, index, (uint32_t)access->value);
	/* A match register written with the time that it is now matches now. */
	*irq_level = vpl031_tick(rtc, now_seconds);
	return MMIO_OK;
}
