/*
 * Assertions of DEBUG builds: what only a bug of Corbel's own can break. No guest action and no input may reach one. At
 * EL2 the trap is a BRK, which the panic report shows with its place and backtrace; on the host it is a signal.
 */
#ifndef LIB_ASSERT_H
#define LIB_ASSERT_H

#ifdef CORBEL_DEBUG
#define ASSERT(condition) ((condition) ? (void)0 : __builtin_trap())
#else
/* Not evaluated, but still compiled: what it names stays used. */
#define ASSERT(condition) ((void)sizeof(!(condition)))
#endif

#endif
