/*
 * Of four CPUs three hunt the fourth: each turns it on whenever it finds it off, it goes off by itself, and nobody
 * waits for anybody. Each SUCCESS is one life, known by its context id: who made it, and that hunter's how-manieth it
 * is.
 */
#ifndef GUESTS_SMP_HUNT_H
#define GUESTS_SMP_HUNT_H

void test_hunt(void);

#endif
