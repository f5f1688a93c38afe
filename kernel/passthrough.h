/*
 * Host devices that a VM is given (`corbel,passthrough`): found in the host's tree, checked, and planned. Pure; what is
 * done with a plan on the machine is in kernel/host_devices.c, and in the guest's tree in kernel/guest_fdt_devices.c.
 *
 * A guest finds a device where the host has it (IPA = PA) and under the same interrupt numbers. Its registers are
 * mapped in whole pages, so a page with anything else in it is refused, unless this VM is given that, too. What Corbel
 * drives itself, what another VM has, and what the guest platform has at that place is refused as well: a sentence says
 * why, and the VM is not created. A node that the host's tree says is disabled counts as not there.
 */
#ifndef KERNEL_PASSTHROUGH_H
#define KERNEL_PASSTHROUGH_H

#include "kernel/bundle.h"
#include "kernel/guest_map.h"
#include "platform/hw_info.h"

#define PASSTHROUGH_MAX_DEVICES	   16 /* of a VM */
#define PASSTHROUGH_MAX_REGS	   4  /* of a device */
#define PASSTHROUGH_MAX_IRQS	   8
#define PASSTHROUGH_MAX_DMA_RANGES 4 /* of a bus */
#define PASSTHROUGH_MESSAGE_MAX	   240

/* What is said of a VM with devices, behind its name. */
#define PASSTHROUGH_NO_DIRECT_MAP                                                                         \
	"has host devices and no corbel,direct-map: one that does DMA would miss its RAM, and overwrite " \
	"others'"

struct passthrough_device {
	int node; /* in the host's tree */
	struct hw_range regs[PASSTHROUGH_MAX_REGS];
	unsigned int nr_regs;
	struct hw_irq irqs[PASSTHROUGH_MAX_IRQS];
	unsigned int nr_irqs;
	/* Its bus's dma-ranges, and the cells that they are told in; NULL: a device address is a physical one. */
	const uint8_t *dma_ranges;
	uint32_t dma_ranges_bytes, dma_child_cells, dma_parent_cells, dma_size_cells;
};

struct passthrough {
	struct passthrough_device devices[PASSTHROUGH_MAX_DEVICES];
	unsigned int nr_devices;
};

/* What must not be given away. */
struct passthrough_host {
	const struct hw_info *hw;
	uint64_t ipa_bytes;	 /* what stage 2 can translate: IPAs from 0 */
	struct hw_range own[16]; /* registers that Corbel uses */
	unsigned int nr_own;
	uint32_t own_intid;			 /* the console's; 0: none */
	uint32_t nr_intids;			 /* that its GIC has */
	const struct passthrough *const *others; /* plans of the VMs so far */
	unsigned int nr_others;
};

/* Fills in hw, and what of it Corbel drives itself: the GIC, the power block, its console, which may be NULL. */
void passthrough_take_host(struct passthrough_host *host, const struct hw_info *hw, const struct hw_uart *console);

/*
 * Plans what config->passthrough names: host paths or aliases. HV_EINVAL with a sentence in message for anything that
 * cannot be given. No names: an empty plan.
 */
enum hv_err passthrough_plan(const struct passthrough_host *host, const struct vm_config *config,
			     const struct guest_map *map, struct passthrough *plan,
			     char message[PASSTHROUGH_MESSAGE_MAX]);

/* The pages around some registers. */
struct hw_range passthrough_pages(const struct hw_range *registers);

#endif
