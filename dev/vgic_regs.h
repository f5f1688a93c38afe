/*
 * What the register frames of both versions share: registers with a field for each INTID (GICD_ISENABLER<n> and alike),
 * plain words, and identification registers. Each is a row of a const table, found by its offset.
 */
#ifndef DEV_VGIC_REGS_H
#define DEV_VGIC_REGS_H

#include "dev/vgic.h"

/* One access on its way through the tables. */
struct vgic_access {
	struct vgic *vgic;
	unsigned int vcpu;   /* whose private INTIDs and plain registers the frame shows */
	uint32_t first, end; /* the INTIDs that the frame has */
	uint32_t offset;     /* in the frame; for tables of 4 KiB: in the page */
	struct mmio_access *mmio;
	bool write;
	vgic_mask_t *mask;
};

/* A register array with one field of `bits` for each INTID from 0 on. */
struct vgic_field_reg {
	uint32_t base; /* its offset */
	uint8_t bits;
	bool bytes; /* may be accessed by byte, too */
	bool ones;  /* set and clear registers: a zero written does nothing */
	/* One of the two. look: where the field is the interrupt's own. */
	uint32_t (*look)(const struct vgic_irq *irq);
	uint32_t (*get)(const struct vgic *vgic, unsigned int vcpu, uint32_t intid);
	vgic_mask_t (*set)(struct vgic *vgic, unsigned int vcpu, uint32_t intid, uint32_t value);
	/* Optional, of a one-bit field: a whole word, of 32 interrupts side by side. */
	uint32_t (*look_word)(const struct vgic_irq irqs[32]);
	/* Optional: a whole word of one-bit fields, for a register that every guest writes whole, and whose fields one
	 * by one would keep the pCPU from its interrupts for too long. */
	vgic_mask_t (*set_word)(struct vgic *vgic, unsigned int vcpu, uint32_t first_intid, uint32_t value);
};

/* A plain 32-bit register; no `write`: read-only, no `read`: reads 0. */
struct vgic_word_reg {
	uint32_t (*read)(const struct vgic *vgic, unsigned int vcpu);
	vgic_mask_t (*write)(struct vgic *vgic, unsigned int vcpu, uint32_t value);
	bool wide; /* a 64-bit access takes this word and the next */
};

#define VGIC_NR_WORD_REGS 32	/* offsets 0x000-0x07F of each frame */
#define VGIC_ID_REGS	  0xFD0 /* GICD_PIDR4 in the last 4 KiB page of each frame */
#define VGIC_NR_ID_REGS	  12	/* PIDR4-7, PIDR0-3, CIDR0-3 */

/* An access that is not aligned to its width. */
static inline bool vgic_access_is_unaligned(const struct mmio_access *mmio)
{
	return (mmio->offset & (access_width_bytes(mmio->width) - 1)) != 0;
}

void vgic_access_field(const struct vgic_access *access, const struct vgic_field_reg *reg);
void vgic_access_word(const struct vgic_access *access, const struct vgic_word_reg regs[VGIC_NR_WORD_REGS]);
void vgic_access_id(const struct vgic_access *access, const uint8_t regs[VGIC_NR_ID_REGS]);

/*
 * For a register that may depend on what other vCPUs have in their LRs: serves the access, unless some of them have to
 * sync first (vgic.h, races). Then they are in *access->mask, a write is made, and MMIO_WAIT returned.
 */
enum mmio_result vgic_access_wait(const struct vgic_access *access, void (*serve)(const struct vgic_access *access));

#define VGIC_CTLR      0x000 /* of GICD; there is nothing at this place of SGI_base */
#define VGIC_ICENABLER 0x180
#define VGIC_STATE_END 0x400 /* of ISENABLER to ICACTIVER: the same in GICD and SGI_base */

/* Serves any access; access->offset and the INTIDs are the frame's, `serve` is what it is to do. */
static inline enum mmio_result vgic_access_serve(const struct vgic_access *access,
						 void (*serve)(const struct vgic_access *access))
{
	if (access->offset == VGIC_CTLR || (access->offset >= VGIC_ICENABLER && access->offset < VGIC_STATE_END))
		return vgic_access_wait(access, serve);
	serve(access);
	return MMIO_OK;
}

/* The register array at this offset of the page 0x000-0xFFF that both versions have, or NULL. */
const struct vgic_field_reg *vgic_field_reg_find(uint32_t offset);

/* GICD_CTLR's enable bits. */
vgic_mask_t vgic_write_ctlr(struct vgic *vgic, unsigned int vcpu, uint32_t value);
/* GICD_IIDR and GICR_IIDR: implementer Arm, product 'C'. */
uint32_t vgic_read_iidr(const struct vgic *vgic, unsigned int vcpu);

/* What a write of GICD_SGIR asks for [IHI0048 4.3.15]. */
void vgic_decode_sgir(uint32_t value, struct vcpu_exit *exit);

#endif
