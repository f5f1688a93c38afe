/* The log: one line is formatted on the stack, put into the ring, and given to the sink with no lock held. */
#include "lib/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/bits.h"
#include "lib/spinlock.h"

#define RING_BYTES 8192U /* a power of two: positions run freely */

static struct spinlock lock = SPINLOCK_INIT(LOCK_LOG);

/* Guarded by `lock`. Whole lines only, each with its newline: [tail, head) is in the ring. */
static char ring[RING_BYTES];
static uint32_t head, tail;
static uint32_t nr_lost; /* lines overwritten before there was a sink */

/* Atomic: read without the lock. */
static enum log_level max_level = LOG_INFO;
static const struct log_sink *current_sink;

void log_set_level(enum log_level level)
{
	__atomic_store_n(&max_level, level, __ATOMIC_RELAXED);
}

bool log_level_from_name(const char *name, enum log_level *level)
{
	static const char *const names[] = {
		[LOG_ERROR] = "error", [LOG_WARN] = "warn", [LOG_INFO] = "info", [LOG_DEBUG] = "debug"
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(name, names[i]) == 0) {
			*level = (enum log_level)i;
			return true;
		}
	}
	return false;
}

static const struct log_sink *get_sink(void)
{
	return __atomic_load_n(&current_sink, __ATOMIC_ACQUIRE);
}

static bool is_wanted(enum log_level level)
{
	return level <= __atomic_load_n(&max_level, __ATOMIC_RELAXED);
}

/* --- the ring: the lock is held --------------------------------------------------------------- */

/* Copies the line at `from` to `line`; returns its length. */
static uint32_t copy_line(uint32_t from, char line[LOG_LINE_MAX])
{
	uint32_t length = 0;

	do
		line[length] = ring[(from + length) % RING_BYTES];
	while (line[length++] != '\n');
	return length;
}

/* Makes room by giving up the oldest lines, then appends. */
static void append_line(const char *line, uint32_t length)
{
	char lost[LOG_LINE_MAX];

	while (RING_BYTES - (head - tail) < length) {
		tail += copy_line(tail, lost);
		if (!current_sink)
			nr_lost++;
	}
	for (uint32_t i = 0; i < length; i++)
		ring[head++ % RING_BYTES] = line[i];
}

/* --- replay ----------------------------------------------------------------------------------- */

/* Gives the lines in [from, end) to `write`, each copied under the lock; those that are overwritten meanwhile are
 * passed over. */
static void replay(uint32_t from, uint32_t end, void (*write)(const char *text, size_t length))
{
	char line[LOG_LINE_MAX];

	while (from != end) {
		uint32_t length = 0;

		spin_lock(&lock);
		/* Modulo 2^32: how far the tail has run past us. */
		if ((int32_t)(tail - from) > 0)
			from = tail;
		if ((int32_t)(end - from) > 0)
			length = copy_line(from, line);
		spin_unlock(&lock);
		if (length == 0)
			return;
		write(line, length);
		from += length;
	}
}

void log_replay(void (*write)(const char *text, size_t length))
{
	uint32_t from, end;

	spin_lock(&lock);
	from = tail;
	end = head;
	spin_unlock(&lock);
	replay(from, end, write);
}

/* Lines printed from here on go to the sink by themselves: only those before are replayed. */
void log_set_sink(const struct log_sink *sink)
{
	uint32_t from, end, lost;

	spin_lock(&lock);
	from = tail;
	end = head;
	lost = nr_lost;
	nr_lost = 0;
	__atomic_store_n(&current_sink, sink, __ATOMIC_RELEASE);
	spin_unlock(&lock);
	if (lost)
		log_warn("log", "%u earlier lines did not fit and are lost", (unsigned int)lost);
	replay(from, end, sink->write);
}

/* --- printing --------------------------------------------------------------------------------- */

static void replace_controls(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

/* `who` and the blank behind it are both empty for the hypervisor's own lines. */
static void print_line(const char *who, const char *blank, const char *module, const char *format, va_list args)
{
	const struct log_sink *sink = get_sink();
	unsigned int cpu = sink ? sink->this_cpu() : 0;
	char line[LOG_LINE_MAX];
	size_t length;

	/* What is too long is cut: snprintf returns what it would have been. */
	snprintf(line, sizeof(line), "[cpu%u] %s%s%s: ", cpu, who, blank, module);
	length = strlen(line);
	vsnprintf(line + length, sizeof(line) - length, format, args);
	replace_controls(line);
	/* The newline takes the place of the terminating zero, which so always has one. */
	length = strlen(line);
	line[length++] = '\n';

	spin_lock(&lock);
	append_line(line, (uint32_t)length);
	/* Decided under the lock: log_set_sink() replays exactly the lines that found none. */
	sink = current_sink;
	spin_unlock(&lock);
	if (sink)
		sink->write(line, length);
}

void log_print(enum log_level level, const char *module, const char *format, ...)
{
	va_list args;

	if (!is_wanted(level))
		return;
	va_start(args, format);
	print_line("", "", module, format, args);
	va_end(args);
}

/* For the line that has no caller's arguments. */
static void __attribute__((format(printf, 3, 4)))
print_for(const char *who, const char *module, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_line(who, " ", module, format, args);
	va_end(args);
}

/* Opens a new window when the last one is over, and says what that one dropped. */
static void roll_window(struct log_limit *limit, const char *who)
{
	const struct log_sink *sink = get_sink();
	uint64_t now_us = sink ? sink->now_us() : 0;
	uint32_t dropped = limit->dropped;

	if (now_us - limit->window_start_us < LOG_WINDOW_US)
		return;
	limit->window_start_us = now_us;
	limit->burst_left = LOG_BURST;
	limit->dropped = 0;
	if (dropped)
		print_for(who, "log", "%u lines dropped", (unsigned int)dropped);
}

void log_guest(struct log_limit *limit, const char *who, const char *module, const char *format, ...)
{
	va_list args;

	if (!is_wanted(LOG_WARN))
		return;
	roll_window(limit, who);
	if (limit->burst_left == 0) {
		limit->dropped++;
		return;
	}
	limit->burst_left--;
	va_start(args, format);
	print_line(who, " ", module, format, args);
	va_end(args);
}
