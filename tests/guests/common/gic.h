/*
 * The interrupt controller, v2 or v3 as the device tree says, through one set of functions. SGIs and PPIs are those of
 * the calling CPU. [IHI0048] [IHI0069]
 */
#ifndef GUESTS_GIC_H
#define GUESTS_GIC_H

#include <stdbool.h>
#include <stdint.h>

#define GIC_SPURIOUS  1023U
#define GIC_NR_INTIDS 256U

/* Boot CPU, once: all off, SPIs group 1 on v3 (group 0 on v2), priority 0xa0, to CPU 0. */
void gic_init(void);
/* Each CPU: its private interrupts, its CPU interface, PMR open. */
void gic_init_cpu(void);

void gic_enable(uint32_t intid);
void gic_disable(uint32_t intid);
void gic_set_pending(uint32_t intid);
void gic_clear_pending(uint32_t intid);
void gic_set_active(uint32_t intid);
void gic_clear_active(uint32_t intid);
bool gic_is_enabled(uint32_t intid);
bool gic_is_pending(uint32_t intid);
bool gic_is_active(uint32_t intid);
void gic_set_priority(uint32_t intid, uint8_t priority);
uint8_t gic_get_priority(uint32_t intid);
void gic_set_edge(uint32_t intid, bool edge);
void gic_set_target(uint32_t intid, unsigned int cpu);
void gic_set_group(uint32_t intid, unsigned int group);
/* Where the registers of this INTID lie: the distributor, or on v3 this CPU's SGI_base. */
uint64_t gic_frame(uint32_t intid);

/* SGIs: to a set of CPUs (bit n = CPU n), to all others. */
void gic_send(uint32_t intid, uint32_t cpus);
void gic_send_others(uint32_t intid);

/* The CPU interface. ack returns IAR whole: on v2 an SGI's source stands in bits 12:10. */
uint32_t gic_ack(void);
void gic_eoi(uint32_t iar);
/* EOI drops the priority only; gic_deactivate() ends the interrupt. */
void gic_split_eoi(bool split);
void gic_deactivate(uint32_t iar);
void gic_set_pmr(uint8_t priority);
uint32_t gic_running_priority(void);
uint32_t gic_highest_pending(void);
/* The other group (0 on v3, where it comes as FIQ; 1 on v2, acknowledged by IAR with AckCtl set), off by default. */
void gic_other_group(bool enable);
uint32_t gic_ack_group0_v3(void);
void gic_eoi_group0_v3(uint32_t iar);
unsigned int gic_other_group_number(void);

#define IAR_INTID(iar)	((iar)&0x3ff)
#define IAR_SOURCE(iar) (((iar) >> 10) & 7)

/* Register offsets that tests use directly; the same in the distributor and in SGI_base. */
#define GICD_CTLR	0x000
#define GICD_TYPER	0x004
#define GICD_IIDR	0x008
#define GICD_IGROUPR	0x080
#define GICD_ISENABLER	0x100
#define GICD_ICENABLER	0x180
#define GICD_ISPENDR	0x200
#define GICD_ICPENDR	0x280
#define GICD_ISACTIVER	0x300
#define GICD_ICACTIVER	0x380
#define GICD_IPRIORITYR 0x400
#define GICD_ITARGETSR	0x800
#define GICD_ICFGR	0xc00
#define GICD_SGIR	0xf00
#define GICD_CPENDSGIR	0xf10
#define GICD_SPENDSGIR	0xf20
#define GICD_IROUTER	0x6000
#define GICD_PIDR2_V2	0xfe8
#define GICD_PIDR2_V3	0xffe8

#endif
