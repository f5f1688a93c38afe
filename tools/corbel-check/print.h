/* The plan, on stdout, for people: the board, its memory, each VM, what is left. */
#ifndef TOOLS_CORBEL_CHECK_PRINT_H
#define TOOLS_CORBEL_CHECK_PRINT_H

#include "tools/corbel-check/vms.h"

void print_board(const struct plan *plan);
void print_vms(const struct plan *plan);
/* With a board: who lives on which CPU, and what is left. */
void print_rest(const struct plan *plan);

#endif
