/*
 * The log: lines `[cpu1] linux.0 vgic: text`, kept in a ring and handed to a sink (the host console) line by line.
 * Any context, any pCPU; takes LOCK_LOG. Before the sink is set lines wait in the ring. Never blocks: the ring keeps
 * the latest 8 KiB, and what it lost before the sink came is counted and said.
 *
 * Nobody logs before the MMU is on: the lock's exclusive accesses work on cacheable memory only. Nobody logs while
 * holding a lock that the sink takes (LOCK_CONSOLE) or a later one: the sink is called with LOCK_LOG dropped, but not
 * with yours.
 *
 * Format: newlib nano's vsnprintf, so no %ll, %z, %hh, %j, %t: cast 64-bit values to unsigned long and use %lx, %lu.
 */
#ifndef LIB_LOG_H
#define LIB_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* At most this many bytes of a line are kept, its newline included. */
#define LOG_LINE_MAX 256

/* Prints one line: module is a short lower-case noun ("vgic"), the text has no newline. Control characters come out as
 * '?', so text from a guest or a device tree can neither forge a line nor steer a terminal. */
void log_print(enum log_level level, const char *module, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The same from words alone, a NULL behind the last: a third of the instructions, for where a guest's interrupt may
 * wait meanwhile. */
void log_words(enum log_level level, const char *module, ...) __attribute__((sentinel));

/* The same on behalf of a guest: `who` is "linux.0". Never louder than LOG_WARN, and rate-limited by the caller's
 * struct log_limit, which no other pCPU uses meanwhile. What a window dropped is told when the next one starts. */
struct log_limit {
	uint32_t burst_left; /* lines that may still be printed in this window; set to LOG_BURST to start */
	uint32_t dropped;
	uint64_t window_start_us;
};
#define LOG_BURST     8 /* lines a window */
#define LOG_WINDOW_US 1000000
void log_guest(struct log_limit *limit, const char *who, const char *module, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

#define log_error(...) log_print(LOG_ERROR, __VA_ARGS__)
#define log_warn(...)  log_print(LOG_WARN, __VA_ARGS__)
#define log_info(...)  log_print(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_print(LOG_DEBUG, __VA_ARGS__)

/* Lines above this level are not even formatted. Returns false for a name that is not error|warn|info|debug. */
void log_set_level(enum log_level level);
bool log_level_from_name(const char *name, enum log_level *level);

/* What the log needs from above, handed down at init: where lines go, what time and which pCPU it is. */
struct log_sink {
	void (*write)(const char *text, size_t length); /* must not log */
	uint64_t (*now_us)(void);
	unsigned int (*this_cpu)(void);
};
/* Sets the sink, once, and replays what waited in the ring. Until then lines say cpu0: the boot CPU is alone. */
void log_set_sink(const struct log_sink *sink);

/* Reading what the ring holds, oldest line first, up to what was printed last when the cursor was set. */
struct log_cursor {
	uint32_t at, end;
	bool follows;
	bool lost; /* lines were overwritten before they were read: the reader says so and clears it */
};
void log_cursor_init(struct log_cursor *cursor);
/* The same, but for all that will be printed from now on: no end. */
void log_cursor_follow(struct log_cursor *cursor);
/* The next line, with its newline and no zero: its length, or 0 behind the last one. Lines that were overwritten
 * meanwhile are passed over. */
size_t log_next_line(struct log_cursor *cursor, char line[LOG_LINE_MAX]);

#endif
