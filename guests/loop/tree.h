/* What the loop wants to know of the flattened device tree. */
#ifndef LOOP_TREE_H
#define LOOP_TREE_H

#include <stdbool.h>

/* /chosen/bootargs; "" where there is none. */
const char *tree_bootargs(const void *dtb);
/* Is there a node whose `compatible` begins with this name? */
bool tree_has(const void *dtb, const char *compatible);

#endif
