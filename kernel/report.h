/*
 * What a person needs to know of a VM that crashed: the vCPU at fault whole, the others in a line each. Printed by the
 * VM's job, a row a step, when all its vCPUs are offline and so all their registers saved.
 */
#ifndef KERNEL_REPORT_H
#define KERNEL_REPORT_H

#include <stdbool.h>

struct vm;

/* Prints one row of the report on vm->crashed. Returns false after the last one. The VM's home pCPU. */
bool report_crash_row(const struct vm *vm, unsigned int row);

#endif
