/* What is seen on the console. */
#ifndef LOOP_VIEW_H
#define LOOP_VIEW_H

#include <stdbool.h>
#include <stdint.h>

/* The live histogram, over the one before; `plain` ones stand below each other. */
void view_draw(bool plain, uint64_t period_us);
/* The figures, for programs. */
void view_summary(void);

#endif
