/*
 * The hardware's half of virtual interrupts, for tests of the vGIC: each vCPU on a pCPU of its own, with list registers
 * that "the guest" acknowledges and ends as [IHI0069 4.8, 12.4] describe, and a physical timer interrupt per vCPU with
 * its active bit. The guest starts with PMR open, both groups enabled, all of a priority preempting, EOImode = 0.
 */
#ifndef TESTS_FAKES_FAKE_GIC_H
#define TESTS_FAKES_FAKE_GIC_H

#include "dev/vgic.h"

#define FAKE_SPURIOUS	   1023U
#define FAKE_TIMER_VINTID  27U
#define FAKE_TIMER_PINTID  91U /* not the same number, so that a mix-up shows */
#define FAKE_DEVICE_VINTID 60U /* an SPI; linked once the test has called fake_gic_link_device() */
#define FAKE_DEVICE_PINTID 200U
#define FAKE_IDLE_PRIORITY 0x100U

struct fake_pe {
	struct gic_lr_file file;
	bool eisr;		  /* an LR with EOI set was ended */
	unsigned int running[64]; /* priorities of what is acknowledged and not ended */
	unsigned int depth;
	struct vgic_cpu_interface cpu_interface; /* running_priority apart */
	bool eoi_split;				 /* EOImode */
	bool timer_line, timer_active;		 /* physical line and active bit of the timer */
	unsigned long nr_refreshes, nr_maintenance, nr_deactivations;
};

struct fake_gic {
	struct vgic vgic;
	struct vcpu vcpu[VGIC_MAX_VCPUS];
	struct fake_pe pe[VGIC_MAX_VCPUS];
	unsigned int nr_lrs;
	bool device_line, device_active; /* physical line and active bit of the host device */
	bool device_edge;		 /* device_line is an edge that waits in the distributor */
	unsigned long nr_device_fires, nr_waits;
	vgic_mask_t answered; /* whose register access may be made again */
	vgic_mask_t kicks;    /* posted, not yet served */
	bool manual_kicks;    /* the test serves them itself */
};

/* nr_vcpus vCPUs with Aff0 = 0, 1, ...; GICD_CTLR on for both groups; SGIs on; the timer linked. */
void fake_gic_init(struct fake_gic *gic, unsigned int version, unsigned int nr_vcpus, unsigned int nr_lrs);

/* Sync, deactivate, flush; checks what must hold of every list register file. */
void fake_gic_refresh(struct fake_gic *gic, unsigned int vcpu);
/* Posts kicks and, unless manual, serves all until none is left. */
void fake_gic_post(struct fake_gic *gic, vgic_mask_t mask);
void fake_gic_settle(struct fake_gic *gic);

/* The guest: index of the LR that would be signalled, or -1. */
int fake_gic_signalled(const struct fake_gic *gic, unsigned int vcpu);
/* ICC_IAR: the INTID, or FAKE_SPURIOUS; *source for GICv2's SGIs where wanted. */
uint32_t fake_gic_ack(struct fake_gic *gic, unsigned int vcpu, unsigned int *source);
/* ICC_EOIR: priority drop, and without eoi_split deactivation. */
void fake_gic_eoi(struct fake_gic *gic, unsigned int vcpu, uint32_t vintid);
/* ICC_DIR, with eoi_split: it traps. */
void fake_gic_dir(struct fake_gic *gic, unsigned int vcpu, uint32_t vintid);
/* CPU_OFF: the model's part reset, LRs and active priorities empty. */
void fake_gic_cpu_off(struct fake_gic *gic, unsigned int vcpu);
/* 0x100 when idle. */
unsigned int fake_gic_running_priority(const struct fake_pe *pe);
/* The CPU interface's group enables. */
void fake_gic_groups(struct fake_gic *gic, unsigned int vcpu, bool group0, bool group1);
/* The timer's line; a rising one, and one still high after the guest's end, fires. */
void fake_gic_timer(struct fake_gic *gic, unsigned int vcpu, bool line);

/* A host device given to this VM, level-triggered, or by an edge: then `false` is nothing. Its interrupt is taken
 * wherever it is: no vCPU exits for it. */
void fake_gic_link_device(struct fake_gic *gic, bool edge);
void fake_gic_device(struct fake_gic *gic, bool line);

/*
 * Register accesses, expected to be MMIO_OK; they sync first, as kernel/ does, and where they have to wait, those whom
 * they wait for are refreshed.
 */
void fake_gic_write(struct fake_gic *gic, unsigned int vcpu, uint64_t offset, enum access_width width, uint64_t value);
uint64_t fake_gic_read(struct fake_gic *gic, unsigned int vcpu, uint64_t offset, enum access_width width);
void fake_gic_write_redist(struct fake_gic *gic, unsigned int vcpu, uint64_t offset, enum access_width width,
			   uint64_t value);
uint64_t fake_gic_read_redist(struct fake_gic *gic, unsigned int vcpu, uint64_t offset, enum access_width width);
/* Of another vCPU's redistributor. */
uint64_t fake_gic_access_redist(struct fake_gic *gic, unsigned int vcpu, unsigned int target, uint64_t offset,
				enum access_width width, bool write, uint64_t value);
/* A bit or a field of intid in a register array, wherever this version has it for this vCPU. */
void fake_gic_set_bit(struct fake_gic *gic, unsigned int vcpu, uint64_t base, uint32_t intid);
bool fake_gic_get_bit(struct fake_gic *gic, unsigned int vcpu, uint64_t base, uint32_t intid);
/* Group 1. */
void fake_gic_set_group(struct fake_gic *gic, unsigned int vcpu, uint32_t intid);
void fake_gic_set_priority(struct fake_gic *gic, unsigned int vcpu, uint32_t intid, uint8_t priority);
void fake_gic_set_edge(struct fake_gic *gic, unsigned int vcpu, uint32_t intid, bool edge);
void fake_gic_set_target(struct fake_gic *gic, uint32_t intid, unsigned int target);

/* One SGI from source to one vCPU, by the version's own register. */
void fake_gic_sgi(struct fake_gic *gic, unsigned int source, unsigned int target, uint32_t intid);
/* A device's line; an edge is a pulse. */
void fake_gic_line(struct fake_gic *gic, unsigned int vcpu, uint32_t intid, bool level);
void fake_gic_pulse(struct fake_gic *gic, unsigned int vcpu, uint32_t intid);

#define REG_IGROUPR   0x080
#define REG_ISENABLER 0x100
#define REG_ICENABLER 0x180
#define REG_ISPENDR   0x200
#define REG_ICPENDR   0x280
#define REG_ISACTIVER 0x300
#define REG_ICACTIVER 0x380

/* All steps of vgic_init_step(). */
void fake_gic_init_model(struct vgic *vgic, unsigned int version, unsigned int nr_vcpus, const uint64_t *mpidrs);

#endif
