/* See fake_gic.h. */
#include "tests/fakes/fake_gic.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bits.h"

#define SGI_BASE 0x10000

#define fake_assert(cond) ((cond) ? (void)0 : (fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #cond), abort()))

void fake_gic_init_model(struct vgic *vgic, unsigned int version, unsigned int nr_vcpus, const uint64_t *mpidrs)
{
	const struct vgic_shape shape = { version, nr_vcpus, mpidrs };

	for (unsigned int step = 0; vgic_init_step(vgic, step, &shape); step++) {
	}
}

/* VMCR's */
static uint32_t enabled_groups(void *ctx)
{
	const struct vgic_cpu_interface *interface = ctx;

	return (interface->group_on[0] ? 1U : 0) | (interface->group_on[1] ? 2U : 0);
}

void fake_gic_init(struct fake_gic *gic, unsigned int version, unsigned int nr_vcpus, unsigned int nr_lrs)
{
	uint64_t mpidrs[VGIC_MAX_VCPUS] = { 0 };

	memset(gic, 0, sizeof(*gic));
	gic->nr_lrs = nr_lrs;
	for (unsigned int n = 0; n < nr_vcpus; n++) {
		mpidrs[n] = n;
		gic->vcpu[n].index = (uint8_t)n;
	}
	fake_gic_init_model(&gic->vgic, version, nr_vcpus, mpidrs);
	fake_gic_write(gic, 0, 0, ACCESS_DWORD, 3);
	for (unsigned int n = 0; n < nr_vcpus; n++) {
		gic->pe[n].cpu_interface = (struct vgic_cpu_interface){ .priority_mask = FAKE_IDLE_PRIORITY,
									.preempts = { 0xff, 0xff },
									.group_on = { true, true } };
		gic->pe[n].file.enabled_groups = enabled_groups;
		gic->pe[n].file.ctx = &gic->pe[n].cpu_interface;
		vgic_cpu_on(&gic->vgic, n);
		vgic_link_private(&gic->vgic, n, FAKE_TIMER_VINTID, FAKE_TIMER_PINTID);
		if (version == 3)
			fake_gic_write_redist(gic, n, SGI_BASE + REG_ISENABLER, ACCESS_DWORD, 0xffff);
	}
}

/* Not yet acknowledged, and not also active: only this is signalled, and counts for NPIE. */
static bool is_pure_pending(const struct gic_lr_file *file, unsigned int n)
{
	return (file->used & BIT(n)) != 0 && file->lr[n].pending && !file->lr[n].active;
}

static bool has_pure_pending(const struct gic_lr_file *file)
{
	for (unsigned int n = 0; n < file->nr_lrs; n++)
		if (is_pure_pending(file, n))
			return true;
	return false;
}

static unsigned int count_valid(const struct gic_lr_file *file)
{
	unsigned int count = 0;

	for (unsigned int n = 0; n < file->nr_lrs; n++)
		count += (file->used & BIT(n)) != 0 && (file->lr[n].pending || file->lr[n].active);
	return count;
}

/* VGrp<n>E, VGrp<n>D */
static bool group_is_told(const struct fake_pe *pe, unsigned int group)
{
	bool on = pe->cpu_interface.group_on[group];

	return (pe->file.group_irqs & (on ? GIC_VGrpEIE(group) : GIC_VGrpDIE(group))) != 0;
}

/* GICH_MISR, ICH_MISR_EL2 */
static bool maintenance(const struct fake_pe *pe)
{
	return pe->eisr || group_is_told(pe, 0) || group_is_told(pe, 1) ||
	       (pe->file.no_pending_irq && !has_pure_pending(&pe->file)) ||
	       (pe->file.eoi_not_present_irq && pe->file.eoi_count != 0) ||
	       (pe->file.underflow_irq && count_valid(&pe->file) <= 1);
}

static bool stands_elsewhere(const struct fake_gic *gic, unsigned int vcpu, uint32_t vintid)
{
	for (unsigned int other = 0; other < gic->vgic.nr_vcpus; other++) {
		const struct gic_lr_file *file = &gic->pe[other].file;

		for (unsigned int n = 0; other != vcpu && n < file->nr_lrs; n++)
			if ((file->used & BIT(n)) != 0 && file->lr[n].vintid == vintid &&
			    (file->lr[n].pending || file->lr[n].active))
				return true;
	}
	return false;
}

static void check_file(const struct fake_gic *gic, unsigned int vcpu)
{
	const struct gic_lr_file *file = &gic->pe[vcpu].file;

	fake_assert((file->used >> gic->nr_lrs) == 0 && file->eoi_count == 0);
	/* A maintenance interrupt that is pending at once would keep the guest from running. */
	fake_assert(!maintenance(&gic->pe[vcpu]));
	for (unsigned int n = 0; n < gic->nr_lrs; n++) {
		const struct gic_lr *lr = &file->lr[n];

		if ((file->used & BIT(n)) == 0)
			continue;
		fake_assert(lr->pending || lr->active);
		fake_assert(!(lr->hw && lr->pending && lr->active) && !(lr->hw && lr->eoi));
		fake_assert(!lr->hw || (lr->vintid == FAKE_TIMER_VINTID && lr->pintid == FAKE_TIMER_PINTID) ||
			    (lr->vintid == FAKE_DEVICE_VINTID && lr->pintid == FAKE_DEVICE_PINTID));
		/* The end of what is not active would be lost, or end what fires later. */
		fake_assert(!lr->hw || lr->vintid != FAKE_DEVICE_VINTID || gic->device_active);
		fake_assert(lr->vintid < VGIC_NR_PRIVATE || !stands_elsewhere(gic, vcpu, lr->vintid));
		for (unsigned int m = 0; m < n; m++)
			fake_assert((file->used & BIT(m)) == 0 || file->lr[m].vintid != lr->vintid);
	}
}

/* What the hardware does not keep is lost: through the encoding and back. */
static void write_lrs(struct fake_gic *gic, struct gic_lr_file *file)
{
	for (unsigned int n = 0; n < gic->nr_lrs; n++) {
		struct gic_lr lr = file->lr[n];

		if ((file->used & BIT(n)) == 0)
			continue;
		if (gic->vgic.version == 2)
			lr_decode_v2(lr_encode_v2(&lr), &file->lr[n]);
		else
			lr_decode_v3(lr_encode_v3(&lr), &file->lr[n]);
	}
}

struct lines {
	const struct fake_gic *gic;
	const struct fake_pe *pe;
};

static bool line_low(void *ctx, uint32_t pintid)
{
	const struct lines *lines = ctx;

	if (pintid == FAKE_DEVICE_PINTID)
		return !lines->gic->device_line;
	fake_assert(pintid == FAKE_TIMER_PINTID);
	return !lines->pe->timer_line;
}

static void deactivate(struct fake_gic *gic, struct fake_pe *pe, uint32_t pintid)
{
	fake_assert(pintid == FAKE_TIMER_PINTID || pintid == FAKE_DEVICE_PINTID);
	if (pintid == FAKE_DEVICE_PINTID)
		gic->device_active = false;
	else
		pe->timer_active = false;
	pe->nr_deactivations++;
}

/* A line that is high, and not active, is taken as soon as it is seen: by any pCPU. */
static vgic_mask_t take_device(struct fake_gic *gic)
{
	if (!gic->device_line || gic->device_active)
		return 0;
	gic->device_active = true;
	gic->nr_device_fires++;
	if (gic->device_edge)
		gic->device_line = false;
	return vgic_inject_spi(&gic->vgic, FAKE_DEVICE_VINTID);
}

static vgic_mask_t sync_only(struct fake_gic *gic, unsigned int vcpu)
{
	struct fake_pe *pe = &gic->pe[vcpu];
	struct lines lines = { gic, pe };
	struct vgic_sync_io io = { .file = &pe->file, .hw_line_low = line_low, .ctx = &lines };
	vgic_mask_t mask = vgic_sync(&gic->vgic, vcpu, &io);

	fake_assert((mask & BIT(vcpu)) == 0 && io.nr_deactivate <= 2);
	for (unsigned int n = 0; n < io.nr_deactivate; n++)
		deactivate(gic, pe, io.deactivate[n]);
	gic->answered |= io.answered;
	return mask;
}

static vgic_mask_t refresh(struct fake_gic *gic, unsigned int vcpu)
{
	struct fake_pe *pe = &gic->pe[vcpu];
	vgic_mask_t mask = sync_only(gic, vcpu);

	pe->nr_refreshes++;
	pe->eisr = false;
	/* An active bit that was cleared lets a line that is still high fire again. */
	if (pe->timer_line && !pe->timer_active) {
		pe->timer_active = true;
		mask |= vgic_inject_hw(&gic->vgic, vcpu, FAKE_TIMER_VINTID) & ~(vgic_mask_t)BIT(vcpu);
	}
	mask |= take_device(gic) & ~(vgic_mask_t)BIT(vcpu);
	pe->file.nr_lrs = (uint8_t)gic->nr_lrs;
	vgic_flush(&gic->vgic, vcpu, &pe->file);
	write_lrs(gic, &pe->file);
	check_file(gic, vcpu);
	for (unsigned int n = 0; n < gic->nr_lrs; n++)
		if ((pe->file.used & BIT(n)) != 0 && pe->file.lr[n].hw && pe->file.lr[n].vintid == FAKE_TIMER_VINTID)
			pe->timer_active = true;
	return mask;
}

void fake_gic_refresh(struct fake_gic *gic, unsigned int vcpu)
{
	gic->kicks &= ~(vgic_mask_t)BIT(vcpu);
	fake_gic_post(gic, refresh(gic, vcpu));
}

void fake_gic_settle(struct fake_gic *gic)
{
	unsigned int rounds = 0;

	while (gic->kicks != 0) {
		unsigned int vcpu = (unsigned int)__builtin_ctz(gic->kicks);

		fake_assert(rounds++ < 100 && vcpu < gic->vgic.nr_vcpus);
		gic->kicks &= gic->kicks - 1;
		gic->kicks |= refresh(gic, vcpu);
	}
}

void fake_gic_post(struct fake_gic *gic, vgic_mask_t mask)
{
	gic->kicks |= mask;
	if (!gic->manual_kicks)
		fake_gic_settle(gic);
}

unsigned int fake_gic_running_priority(const struct fake_pe *pe)
{
	return pe->depth == 0 ? FAKE_IDLE_PRIORITY : pe->running[pe->depth - 1];
}

/* Of those whose group is on the most urgent, if it passes mask and running priority. [IHI0069 4.8.3] */
int fake_gic_signalled(const struct fake_gic *gic, unsigned int vcpu)
{
	const struct fake_pe *pe = &gic->pe[vcpu];
	const struct vgic_cpu_interface *interface = &pe->cpu_interface;
	const struct gic_lr *lr;
	int best = -1;

	for (unsigned int n = 0; n < gic->nr_lrs; n++) {
		lr = &pe->file.lr[n];
		if (is_pure_pending(&pe->file, n) && interface->group_on[lr->group] &&
		    (best < 0 || lr->priority < pe->file.lr[best].priority))
			best = (int)n;
	}
	if (best < 0)
		return -1;
	lr = &pe->file.lr[best];
	if (lr->priority >= interface->priority_mask ||
	    (lr->priority & (unsigned int)interface->preempts[lr->group]) >= fake_gic_running_priority(pe))
		return -1;
	return best;
}

/* The maintenance interrupt takes the guest out, if it is due. */
static void after_guest_action(struct fake_gic *gic, unsigned int vcpu)
{
	struct fake_pe *pe = &gic->pe[vcpu];

	if (maintenance(pe)) {
		pe->nr_maintenance++;
		fake_gic_refresh(gic, vcpu);
	}
	fake_gic_post(gic, take_device(gic));
	if (pe->timer_line && !pe->timer_active) {
		pe->timer_active = true;
		fake_gic_post(gic, vgic_inject_hw(&gic->vgic, vcpu, FAKE_TIMER_VINTID));
		/* The physical interrupt is an exit of its own. */
		fake_gic_refresh(gic, vcpu);
	}
}

uint32_t fake_gic_ack(struct fake_gic *gic, unsigned int vcpu, unsigned int *source)
{
	struct fake_pe *pe = &gic->pe[vcpu];
	int n = fake_gic_signalled(gic, vcpu);
	struct gic_lr *lr;
	uint32_t vintid;

	if (n < 0)
		return FAKE_SPURIOUS;
	lr = &pe->file.lr[n];
	lr->pending = false;
	lr->active = true;
	pe->running[pe->depth++] = lr->priority & (unsigned int)pe->cpu_interface.preempts[lr->group];
	if (source != NULL)
		*source = lr->source;
	vintid = lr->vintid;
	after_guest_action(gic, vcpu);
	return vintid;
}

void fake_gic_eoi(struct fake_gic *gic, unsigned int vcpu, uint32_t vintid)
{
	struct fake_pe *pe = &gic->pe[vcpu];
	bool found = false;

	fake_assert(pe->depth > 0);
	pe->depth--;
	if (pe->eoi_split) {
		after_guest_action(gic, vcpu);
		return;
	}
	for (unsigned int n = 0; n < gic->nr_lrs && !found; n++) {
		struct gic_lr *lr = &pe->file.lr[n];

		found = (pe->file.used & BIT(n)) != 0 && lr->active && lr->vintid == vintid;
		if (!found)
			continue;
		lr->active = false;
		if (lr->hw && vintid == FAKE_DEVICE_VINTID)
			gic->device_active = false;
		else if (lr->hw)
			pe->timer_active = false;
		else if (lr->eoi && !lr->pending)
			pe->eisr = true;
	}
	if (!found)
		pe->file.eoi_count++;
	after_guest_action(gic, vcpu);
}

void fake_gic_groups(struct fake_gic *gic, unsigned int vcpu, bool group0, bool group1)
{
	gic->pe[vcpu].cpu_interface.group_on[0] = group0;
	gic->pe[vcpu].cpu_interface.group_on[1] = group1;
	after_guest_action(gic, vcpu);
}

void fake_gic_timer(struct fake_gic *gic, unsigned int vcpu, bool line)
{
	gic->pe[vcpu].timer_line = line;
	after_guest_action(gic, vcpu);
}

void fake_gic_link_device(struct fake_gic *gic, bool edge)
{
	gic->device_edge = edge;
	vgic_link_spi(&gic->vgic, FAKE_DEVICE_VINTID, FAKE_DEVICE_PINTID, edge);
}

void fake_gic_device(struct fake_gic *gic, bool line)
{
	gic->device_line = line || (gic->device_edge && gic->device_line);
	fake_gic_post(gic, take_device(gic));
}

/* The accessing vCPU is refreshed before it goes on, the others as their kicks arrive. */
static void after_access(struct fake_gic *gic, unsigned int vcpu, vgic_mask_t mask)
{
	mask |= refresh(gic, vcpu);
	fake_gic_post(gic, mask & ~(vgic_mask_t)BIT(vcpu));
}

void fake_gic_dir(struct fake_gic *gic, unsigned int vcpu, uint32_t vintid)
{
	vgic_mask_t mask = sync_only(gic, vcpu);

	fake_assert(gic->pe[vcpu].eoi_split);
	mask |= vgic_deactivate(&gic->vgic, vcpu, vintid);
	after_access(gic, vcpu, mask);
}

void fake_gic_cpu_off(struct fake_gic *gic, unsigned int vcpu)
{
	vgic_mask_t mask = sync_only(gic, vcpu);

	mask |= vgic_cpu_reset(&gic->vgic, vcpu);
	gic->pe[vcpu].depth = 0;
	after_access(gic, vcpu, mask);
}

#define NO_REDIST 99U

static enum mmio_result access_frame(struct fake_gic *gic, unsigned int redist, struct mmio_access *access, bool write,
				     vgic_mask_t *mask)
{
	if (redist != NO_REDIST)
		return vgic_v3_redist_access(&gic->vgic, redist, access, write, mask);
	return gic->vgic.version == 2 ? vgic_v2_dist_access(&gic->vgic, access, write, mask)
				      : vgic_v3_dist_access(&gic->vgic, access, write, mask);
}

/* The vCPU is parked meanwhile, not flushed: those who are waited for come one by one. */
static void wait_for_others(struct fake_gic *gic, unsigned int vcpu)
{
	vgic_mask_t others = (vgic_mask_t)gic->vgic.cpu[vcpu].waits_for;

	fake_assert(others != 0 && (others & BIT(vcpu)) == 0);
	for (; others != 0; others &= others - 1) {
		fake_assert((gic->answered & BIT(vcpu)) == 0);
		gic->kicks &= ~(others & -others);
		gic->kicks |= refresh(gic, (unsigned int)__builtin_ctz(others));
	}
	fake_assert((gic->answered & BIT(vcpu)) != 0);
	gic->answered &= ~(vgic_mask_t)BIT(vcpu);
}

static uint64_t access_gic(struct fake_gic *gic, unsigned int vcpu, unsigned int redist, struct mmio_access access,
			   bool write)
{
	bool synced = vgic_access_needs_sync(&gic->vgic, vcpu, access.offset, write);
	vgic_mask_t mask = synced ? sync_only(gic, vcpu) : 0;
	enum mmio_result result;

	access.vcpu = &gic->vcpu[vcpu];
	access.vcpu->exit.mmio.plan.nr_accesses = 1;
	result = access_frame(gic, redist, &access, write, &mask);
	if (result == MMIO_WAIT) {
		gic->nr_waits++;
		wait_for_others(gic, vcpu);
		mask |= sync_only(gic, vcpu);
		result = access_frame(gic, redist, &access, write, &mask);
	}
	fake_assert(result == MMIO_OK);
	access.vcpu->exit.mmio.plan.nr_accesses = 0;
	if (synced || (mask & BIT(vcpu)) != 0)
		after_access(gic, vcpu, mask);
	else
		fake_gic_post(gic, mask);
	return access.value;
}

static uint64_t access_dist(struct fake_gic *gic, unsigned int vcpu, uint64_t offset, enum access_width width,
			    bool write, uint64_t value)
{
	return access_gic(gic, vcpu, NO_REDIST,
			  (struct mmio_access){ .offset = offset, .width = width, .value = value }, write);
}

uint64_t fake_gic_access_redist(struct fake_gic *gic, unsigned int vcpu, unsigned int target, uint64_t offset,
				enum access_width width, bool write, uint64_t value)
{
	return access_gic(gic, vcpu, target, (struct mmio_access){ .offset = offset, .width = width, .value = value },
			  write);
}

static uint64_t access_redist(struct fake_gic *gic, unsigned int vcpu, uint64_t offset, enum access_width width,
			      bool write, uint64_t value)
{
	return fake_gic_access_redist(gic, vcpu, vcpu, offset, width, write, value);
}

void fake_gic_write(struct fake_gic *gic, unsigned int vcpu, uint64_t offset, enum access_width width, uint64_t value)
{
	(void)access_dist(gic, vcpu, offset, width, true, value);
}

uint64_t fake_gic_read(struct fake_gic *gic, unsigned int vcpu, uint64_t offset, enum access_width width)
{
	return access_dist(gic, vcpu, offset, width, false, 0);
}

void fake_gic_write_redist(struct fake_gic *gic, unsigned int vcpu, uint64_t offset, enum access_width width,
			   uint64_t value)
{
	(void)access_redist(gic, vcpu, offset, width, true, value);
}

uint64_t fake_gic_read_redist(struct fake_gic *gic, unsigned int vcpu, uint64_t offset, enum access_width width)
{
	return access_redist(gic, vcpu, offset, width, false, 0);
}

static bool in_redist(const struct fake_gic *gic, uint32_t intid)
{
	return gic->vgic.version == 3 && intid < VGIC_NR_PRIVATE;
}

void fake_gic_set_bit(struct fake_gic *gic, unsigned int vcpu, uint64_t base, uint32_t intid)
{
	if (in_redist(gic, intid))
		fake_gic_write_redist(gic, vcpu, SGI_BASE + base, ACCESS_DWORD, BIT(intid));
	else
		fake_gic_write(gic, vcpu, base + intid / 32 * 4, ACCESS_DWORD, BIT(intid % 32));
}

bool fake_gic_get_bit(struct fake_gic *gic, unsigned int vcpu, uint64_t base, uint32_t intid)
{
	uint64_t value = in_redist(gic, intid) ? fake_gic_read_redist(gic, vcpu, SGI_BASE + base, ACCESS_DWORD)
					       : fake_gic_read(gic, vcpu, base + intid / 32 * 4, ACCESS_DWORD);

	return (value & BIT(intid % 32)) != 0;
}

void fake_gic_set_group(struct fake_gic *gic, unsigned int vcpu, uint32_t intid)
{
	uint64_t offset = REG_IGROUPR + intid / 32 * 4, value;

	if (in_redist(gic, intid)) {
		value = fake_gic_read_redist(gic, vcpu, SGI_BASE + offset, ACCESS_DWORD);
		fake_gic_write_redist(gic, vcpu, SGI_BASE + offset, ACCESS_DWORD, value | BIT(intid % 32));
	} else {
		value = fake_gic_read(gic, vcpu, offset, ACCESS_DWORD);
		fake_gic_write(gic, vcpu, offset, ACCESS_DWORD, value | BIT(intid % 32));
	}
}

void fake_gic_set_priority(struct fake_gic *gic, unsigned int vcpu, uint32_t intid, uint8_t priority)
{
	if (in_redist(gic, intid))
		fake_gic_write_redist(gic, vcpu, SGI_BASE + 0x400 + intid, ACCESS_BYTE, priority);
	else
		fake_gic_write(gic, vcpu, 0x400 + intid, ACCESS_BYTE, priority);
}

void fake_gic_set_edge(struct fake_gic *gic, unsigned int vcpu, uint32_t intid, bool edge)
{
	uint64_t offset = 0xC00 + intid / 16 * 4, field = UINT64_C(2) << (intid % 16 * 2), value;

	if (in_redist(gic, intid)) {
		offset += SGI_BASE;
		value = fake_gic_read_redist(gic, vcpu, offset, ACCESS_DWORD);
		fake_gic_write_redist(gic, vcpu, offset, ACCESS_DWORD, edge ? value | field : value & ~field);
	} else {
		value = fake_gic_read(gic, vcpu, offset, ACCESS_DWORD);
		fake_gic_write(gic, vcpu, offset, ACCESS_DWORD, edge ? value | field : value & ~field);
	}
}

void fake_gic_set_target(struct fake_gic *gic, uint32_t intid, unsigned int target)
{
	if (gic->vgic.version == 2)
		fake_gic_write(gic, 0, 0x800 + intid, ACCESS_BYTE, BIT(target));
	else
		fake_gic_write(gic, 0, 0x6000 + 8 * intid, ACCESS_QWORD, target);
}

void fake_gic_sgi(struct fake_gic *gic, unsigned int source, unsigned int target, uint32_t intid)
{
	struct vcpu *vcpu = &gic->vcpu[source];

	if (gic->vgic.version == 2) {
		vcpu->exit = (struct vcpu_exit){ .reason = EXIT_MMIO_WRITE };
		vcpu->exit.mmio = (struct exit_mmio){ .addr = ipa(0x8000f00),
						      .width = ACCESS_DWORD,
						      .data = BIT(16 + target) | intid,
						      .plan.nr_accesses = 1 };
	} else {
		vcpu->exit = (struct vcpu_exit){ .reason = EXIT_SYSREG_WRITE };
		vcpu->exit.sysreg.addr = 0x3a3016; /* ICC_SGI1R_EL1 */
		vcpu->exit.sysreg.value = BIT(target) | (uint64_t)intid << 24;
	}
	vgic_refine(vcpu, gic->vgic.version, ipa(0x8000000));
	fake_assert(vcpu->exit.reason == EXIT_SEND_IPI);
	fake_gic_post(gic, vgic_send_ipi(&gic->vgic, source, &vcpu->exit));
}

void fake_gic_line(struct fake_gic *gic, unsigned int vcpu, uint32_t intid, bool level)
{
	fake_gic_post(gic, vgic_set_line(&gic->vgic, vcpu, intid, level));
}

void fake_gic_pulse(struct fake_gic *gic, unsigned int vcpu, uint32_t intid)
{
	fake_gic_line(gic, vcpu, intid, true);
	fake_gic_line(gic, vcpu, intid, false);
}
