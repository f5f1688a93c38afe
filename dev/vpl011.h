/*
 * PL011 UART as a guest sees it [DDI0183]. Pure: bytes out and the interrupt line go through callbacks given at init.
 * Good enough for the drivers of Linux (amba-pl011, earlycon) and U-Boot: FIFOs, RX/RT/TX interrupts as level output,
 * FR, masks, ID registers (0x00341011: r1p5, FIFO depth 32).
 *
 * Sends and receives whether or not CR enables it, as QEMU's does: earlycon and bare-metal guests write to DR and look
 * at FR without having set CR. No time passes in it: a byte that stays below the receive trigger raises the timeout
 * interrupt at once.
 *
 * Locks: the caller holds the device's LOCK_DEV around every call; callbacks run under it.
 */
#ifndef DEV_VPL011_H
#define DEV_VPL011_H

#include <stdbool.h>
#include <stdint.h>

#include "vcpu/mmio.h"

#define VPL011_FIFO_BYTES 32

/* Pointer-free: a snapshot copies it. */
struct vpl011_state {
	uint8_t rx[VPL011_FIFO_BYTES], tx[VPL011_FIFO_BYTES];
	uint8_t rx_head, rx_count, tx_head, tx_count;
	uint16_t ibrd, fbrd, lcr_h, cr, ifls, imsc, ris, dmacr, rsr;
};

struct vpl011_ops {
	bool (*tx)(void *ctx,
		   uint8_t byte); /* takes the byte, or false: no room now, vpl011_tx_room() will be called */
	void (*set_irq)(void *ctx, bool level); /* UARTINTR: called only when it changes */
	void (*rx_room)(void *ctx);		/* the guest has read: more may be fed; may be called often */
};

struct vpl011 {
	struct vpl011_state state;
	bool irq_level;
	const struct vpl011_ops *ops;
	void *ctx;
};

void vpl011_init(struct vpl011 *uart, const struct vpl011_ops *ops, void *ctx);
/* Back to reset values; the interrupt line falls. */
void vpl011_reset(struct vpl011 *uart);
/* A byte from the wire: false when the FIFO is full (the caller keeps it and waits for rx_room). */
bool vpl011_rx(struct vpl011 *uart, uint8_t byte);
/* The backend has room again: drains the transmit FIFO. */
void vpl011_tx_room(struct vpl011 *uart);
enum mmio_result vpl011_access(struct vpl011 *uart, struct mmio_access *access, bool write);

#endif
