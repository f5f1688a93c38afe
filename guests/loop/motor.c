#include "guests/loop/motor.h"

/* Speeds are in 1/65536 rpm: fixed point, since an interrupt handler has no FP registers. */
#define RPM(n)	      ((int64_t)(n) << 16)
#define STEP_PERIODS  8000 /* the set point changes after as many */
#define MOTOR_PERIODS 1024 /* the motor's inertia */

static volatile int64_t set_point = RPM(3000), speed;
static int64_t integral, last_error;

void motor_step(uint64_t period)
{
	int64_t error, drive;

	if (period % STEP_PERIODS == 0)
		set_point = RPM(4500) - set_point; /* 1500 and 3000 */
	error = set_point - speed;
	integral += error / 256;
	drive = 2 * error + integral + 64 * (error - last_error);
	last_error = error;
	/* The plant: what drives the motor is the speed that it comes to in the end. */
	speed += (drive - speed) / MOTOR_PERIODS;
}

unsigned int motor_set_rpm(void)
{
	return (unsigned int)(set_point >> 16);
}

unsigned int motor_actual_rpm(void)
{
	return speed < 0 ? 0 : (unsigned int)((speed + RPM(1) / 2) >> 16);
}
