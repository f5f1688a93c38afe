/* What the loop controls: a simulated motor, turned by a PID controller. */
#ifndef LOOP_MOTOR_H
#define LOOP_MOTOR_H

#include <stdint.h>

/* One period of both; `period` counts them. */
void motor_step(uint64_t period);
unsigned int motor_set_rpm(void);
unsigned int motor_actual_rpm(void);

#endif
