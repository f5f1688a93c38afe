/*
 * The vGIC's registers: any accesses by any vCPU, any SGI, lines that change, and guests that acknowledge and end, over
 * the fake hardware, which checks each list register file. The model's own order holds all the time, no reserved bit
 * is kept, and at the end a guest that disables everything is left in peace.
 */
#include <string.h>

#include "dev/vgic_irq.h"
#include "tests/fakes/fake_gic.h"
#include "tests/fuzz/fuzz.h"

#define NR_VCPUS  3
#define SGI_BASE  0x10000
#define MAX_STEPS 400

static struct fake_gic gic;
static uint32_t stack[NR_VCPUS][64]; /* acknowledged and not ended, as the guest knows it */

static void check_irq(unsigned int vcpu, uint32_t intid)
{
	const struct vgic_irq *irq = vgic_irq_look(&gic.vgic, vcpu, intid);

	FUZZ_ASSERT((irq->priority & ~VGIC_PRIORITY_MASK) == 0 && irq->group <= 1);
	FUZZ_ASSERT(irq->targets >> NR_VCPUS == 0 && irq->sgi_pending >> NR_VCPUS == 0);
	FUZZ_ASSERT(irq->home == VGIC_NOWHERE || irq->home < NR_VCPUS);
	FUZZ_ASSERT(irq->lr_owner == VGIC_NOWHERE || irq->lr_owner == irq->home);
	for (unsigned int n = 0; n < NR_VCPUS; n++) {
		bool candidate = (gic.vgic.cpu[n].candidates[intid / 64] & BIT(intid % 64)) != 0;

		/* A private one's own bit stands for its vCPU's instance. */
		if (intid >= VGIC_NR_PRIVATE || n == vcpu)
			FUZZ_ASSERT(candidate == (irq->home == n));
	}
}

static void check_model(void)
{
	for (unsigned int vcpu = 0; vcpu < NR_VCPUS; vcpu++)
		for (uint32_t intid = 0; intid < VGIC_NR_PRIVATE; intid++)
			check_irq(vcpu, intid);
	for (uint32_t intid = VGIC_NR_PRIVATE; intid < VGIC_NR_INTIDS; intid++)
		check_irq(0, intid);
	FUZZ_ASSERT((gic.vgic.ctlr & ~3U) == 0);
}

/* Anywhere in the frame, in units of the width. */
static uint64_t take_offset(struct fuzz_input *input, enum access_width width, uint64_t frame_bytes)
{
	return align_down(fuzz_take(input, 3) % frame_bytes, access_width_bytes(width));
}

/* The field of one of a few INTIDs, so that accesses meet; arrays by base and bits of a field. */
static uint64_t take_register(struct fuzz_input *input, enum access_width width)
{
	static const uint8_t intids[] = { 0, 7, 20, FAKE_TIMER_VINTID, 32, 33, FAKE_DEVICE_VINTID, 255 };
	static const struct {
		uint16_t base;
		uint8_t bits;
	} arrays[] = {
		{ 0, 0 },	    { REG_IGROUPR, 1 }, { REG_ISENABLER, 1 }, { REG_ICENABLER, 1 },
		{ REG_ISPENDR, 1 }, { REG_ICPENDR, 1 }, { REG_ISACTIVER, 1 }, { REG_ICACTIVER, 1 },
		{ 0x400, 8 },	    { 0x800, 8 },	{ 0xC00, 2 },	      { 0xF10, 8 },
		{ 0xF20, 8 },	    { 0x6000, 64 },	{ REG_ISENABLER, 1 }, { REG_ISPENDR, 1 },
	};
	uint8_t choice = fuzz_u8(input);
	uint32_t intid = intids[choice / 16 % ARRAY_SIZE(intids)];

	if (arrays[choice % 16].bits == 8 && arrays[choice % 16].base >= 0xF00)
		intid %= 16;
	return align_down(arrays[choice % 16].base + intid * arrays[choice % 16].bits / 8, access_width_bytes(width));
}

static void check_read(uint64_t value, enum access_width width)
{
	FUZZ_ASSERT((value & ~access_width_mask(width)) == 0);
}

static void access_registers(unsigned int vcpu, bool write, struct fuzz_input *input)
{
	uint8_t how = fuzz_u8(input);
	enum access_width width = (enum access_width)(how % 4);
	bool redist = gic.vgic.version == 3 && (how & 0x10) != 0;
	uint64_t frame_bytes = redist ? 2 * SGI_BASE : gic.vgic.version == 3 ? SGI_BASE : 0x1000, offset, value = 0;

	if ((how & 0x20) != 0)
		offset = take_offset(input, width, frame_bytes);
	else
		offset = (take_register(input, width) + (redist ? SGI_BASE : 0)) % frame_bytes;
	if (write)
		value = (how & 0x40) != 0 ? access_width_mask(width) : fuzz_take(input, access_width_bytes(width));
	if (redist && write)
		fake_gic_write_redist(&gic, vcpu, offset, width, value);
	else if (redist)
		check_read(fake_gic_read_redist(&gic, vcpu, offset, width), width);
	else if (write)
		fake_gic_write(&gic, vcpu, offset, width, value);
	else
		check_read(fake_gic_read(&gic, vcpu, offset, width), width);
}

/* A frame's end, and what is not aligned, abort and leave all as it is. */
static void access_nothing(unsigned int vcpu, struct fuzz_input *input)
{
	static struct vgic before;
	struct mmio_access access = { .vcpu = &gic.vcpu[vcpu], .width = (enum access_width)(1 + fuzz_u8(input) % 3) };
	bool write = (fuzz_u8(input) & 1) != 0;
	vgic_mask_t mask = 0;
	enum mmio_result result;

	access.offset = fuzz_take(input, 2) | 1;
	access.value = fuzz_u64(input) & access_width_mask(access.width);
	before = gic.vgic;
	if (gic.vgic.version == 2)
		result = vgic_v2_dist_access(&gic.vgic, &access, write, &mask);
	else
		result = vgic_v3_redist_access(&gic.vgic, vcpu, &access, write, &mask);
	FUZZ_ASSERT(result == MMIO_FAULT && mask == 0);
	FUZZ_ASSERT(memcmp(&before, &gic.vgic, sizeof(before)) == 0);
}

/* Any value of the version's SGI register reaches the vCPUs that it names, and those alone. */
static void send_sgi(unsigned int source, struct fuzz_input *input)
{
	struct vcpu *vcpu = &gic.vcpu[source];

	memset(&vcpu->exit, 0, sizeof(vcpu->exit));
	if (gic.vgic.version == 2) {
		vcpu->exit.reason = EXIT_MMIO_WRITE;
		vcpu->exit.mmio.addr = ipa(0x8000f00);
		vcpu->exit.mmio.width = ACCESS_DWORD;
		vcpu->exit.mmio.data = fuzz_u32(input);
		vcpu->exit.mmio.plan.nr_accesses = 1;
	} else {
		vcpu->exit.reason = EXIT_SYSREG_WRITE;
		vcpu->exit.sysreg.addr = 0x3a3016; /* ICC_SGI1R_EL1 */
		vcpu->exit.sysreg.value = fuzz_u64(input);
	}
	vgic_refine(vcpu, gic.vgic.version, ipa(0x8000000));
	FUZZ_ASSERT(vcpu->exit.reason == EXIT_SEND_IPI && vcpu->exit.send_ipi.vector < VGIC_NR_SGIS);
	fake_gic_post(&gic, vgic_send_ipi(&gic.vgic, source, &vcpu->exit));
}

static void acknowledge(unsigned int vcpu)
{
	uint32_t intid;

	if (gic.pe[vcpu].depth == ARRAY_SIZE(stack[0]))
		return;
	intid = fake_gic_ack(&gic, vcpu, NULL);
	FUZZ_ASSERT(intid == FAKE_SPURIOUS || intid < VGIC_NR_INTIDS);
	if (intid != FAKE_SPURIOUS)
		stack[vcpu][gic.pe[vcpu].depth - 1] = intid;
}

static void end(unsigned int vcpu)
{
	if (gic.pe[vcpu].depth != 0)
		fake_gic_eoi(&gic, vcpu, stack[vcpu][gic.pe[vcpu].depth - 1]);
}

static void step(struct fuzz_input *input)
{
	uint8_t what = fuzz_u8(input);
	unsigned int vcpu = (what >> 4) % NR_VCPUS;

	switch (what % 16) {
	case 0:
	case 1:
	case 2:
	case 3:
	case 4:
	case 5: access_registers(vcpu, true, input); break;
	case 6:
	case 7: access_registers(vcpu, false, input); break;
	case 8: access_nothing(vcpu, input); break;
	case 9: send_sgi(vcpu, input); break;
	case 10: acknowledge(vcpu); break;
	case 11: end(vcpu); break;
	case 12: fake_gic_line(&gic, vcpu, 16 + fuzz_u8(input) % 11U, (what & 0x40) != 0); break;
	case 13: fake_gic_line(&gic, vcpu, 32 + fuzz_u8(input) % 224U, (what & 0x40) != 0); break;
	case 14: fake_gic_timer(&gic, vcpu, (what & 0x40) != 0); break;
	default: fake_gic_refresh(&gic, vcpu); break;
	}
}

/* Disabled and ended, nothing is signalled any more, whatever has been written. */
static void check_peace(void)
{
	for (unsigned int vcpu = 0; vcpu < NR_VCPUS; vcpu++)
		while (gic.pe[vcpu].depth != 0)
			end(vcpu);
	fake_gic_write(&gic, 0, 0, ACCESS_DWORD, 0);
	for (unsigned int vcpu = 0; vcpu < NR_VCPUS; vcpu++) {
		fake_gic_refresh(&gic, vcpu);
		FUZZ_ASSERT(fake_gic_signalled(&gic, vcpu) < 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned int nr_lrs[] = { 1, 2, 4, 16 };
	struct fuzz_input input = { data, size };
	uint8_t shape = fuzz_u8(&input);

	fake_gic_init(&gic, 2 + shape % 2U, NR_VCPUS, nr_lrs[shape / 2 % 4]);
	memset(stack, 0, sizeof(stack));
	for (unsigned int n = 0; n < MAX_STEPS && input.left != 0; n++) {
		step(&input);
		if (n % 8 == 0)
			check_model();
	}
	check_model();
	check_peace();
	return 0;
}
