/* What a person needs to know of a vCPU: printed when its VM crashes. */
#ifndef KERNEL_REPORT_H
#define KERNEL_REPORT_H

#include "vcpu/vcpu.h"

/* The vCPU at fault whole, the others of its VM in a line each. */
void report_crash(const struct vcpu *vcpu);
/* The last exits of a vCPU, oldest first, a line each; at most nr of them. */
void report_exits(const struct vcpu *vcpu, unsigned int nr);

#endif
