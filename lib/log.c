/* The log: one line is formatted on the stack, put into the ring, and given to the sink with no lock held. */
#include "lib/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/bits.h"
#include "lib/ring.h"
#include "lib/spinlock.h"

#define RING_BYTES 8192U /* a power of two: positions run freely */

static struct spinlock lock = SPINLOCK_INIT(LOCK_LOG);

/* Guarded by `lock`. Whole lines only, each with its newline. */
static uint8_t ring_bytes[RING_BYTES];
static struct ring ring = { .data = ring_bytes, .size = RING_BYTES };
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
		line[length] = (char)ring_bytes[(from + length) % RING_BYTES];
	while (line[length++] != '\n');
	return length;
}

/* Makes room by giving up the oldest lines, then appends. */
static void append_line(const char *line, uint32_t length)
{
	char lost[LOG_LINE_MAX];

	while (ring_room(&ring) < length) {
		ring_drop(&ring, copy_line(ring.tail, lost));
		if (!current_sink)
			nr_lost++;
	}
	(void)ring_put_all(&ring, (const uint8_t *)line, length);
}

/* --- replay ----------------------------------------------------------------------------------- */

void log_cursor_init(struct log_cursor *cursor)
{
	spin_lock(&lock);
	*cursor = (struct log_cursor){ .at = ring.tail, .end = ring.head };
	spin_unlock(&lock);
}

void log_cursor_follow(struct log_cursor *cursor)
{
	spin_lock(&lock);
	*cursor = (struct log_cursor){ .at = ring.head, .follows = true };
	spin_unlock(&lock);
}

size_t log_next_line(struct log_cursor *cursor, char line[LOG_LINE_MAX])
{
	uint32_t length = 0;

	spin_lock(&lock);
	/* Modulo 2^32: how far the tail has run past us. */
	if ((int32_t)(ring.tail - cursor->at) > 0) {
		cursor->at = ring.tail;
		cursor->lost = true;
	}
	if ((int32_t)((cursor->follows ? ring.head : cursor->end) - cursor->at) > 0)
		length = copy_line(cursor->at, line);
	spin_unlock(&lock);
	cursor->at += length;
	return length;
}

static void replay(struct log_cursor *cursor, const struct log_sink *sink)
{
	char line[LOG_LINE_MAX];
	size_t length;

	while ((length = log_next_line(cursor, line)) != 0)
		sink->write(line, length);
}

/* Lines printed from here on go to the sink by themselves: only those before are replayed. */
void log_set_sink(const struct log_sink *sink)
{
	struct log_cursor cursor;
	uint32_t lost;

	spin_lock(&lock);
	cursor = (struct log_cursor){ .at = ring.tail, .end = ring.head };
	lost = nr_lost;
	nr_lost = 0;
	__atomic_store_n(&current_sink, sink, __ATOMIC_RELEASE);
	spin_unlock(&lock);
	if (lost)
		log_warn("log", "%u earlier lines did not fit and are lost", (unsigned int)lost);
	replay(&cursor, sink);
}

/* --- printing --------------------------------------------------------------------------------- */

static void replace_controls(char *text, size_t length)
{
	for (size_t n = 0; n < length; n++)
		if ((unsigned char)text[n] < ' ' || text[n] == 0x7f)
			text[n] = '?';
}

/* Appends what fits; returns the new length. */
static size_t append(char line[LOG_LINE_MAX], size_t length, const char *text)
{
	while (*text != '\0' && length < LOG_LINE_MAX - 1)
		line[length++] = *text++;
	return length;
}

/* "[cpu1] linux.0 vgic: ", by hand: a line is often printed where a guest's interrupt waits. */
static size_t start_line(char line[LOG_LINE_MAX], const char *who, const char *blank, const char *module)
{
	const struct log_sink *sink = get_sink();
	unsigned int cpu = sink ? sink->this_cpu() : 0;
	const char number[] = { (char)('0' + cpu / 10 % 10), (char)('0' + cpu % 10), '\0' };
	size_t length = append(line, 0, "[cpu");

	length = append(line, length, cpu < 10 ? number + 1 : number);
	length = append(line, length, "] ");
	length = append(line, length, who);
	length = append(line, length, blank);
	length = append(line, length, module);
	return append(line, length, ": ");
}

/* Ends the line, whose length leaves room for the newline, and gives it to ring and sink. */
static void publish(char line[LOG_LINE_MAX], size_t length)
{
	const struct log_sink *sink;

	replace_controls(line, length);
	line[length++] = '\n';
	spin_lock(&lock);
	append_line(line, (uint32_t)length);
	/* Decided under the lock: log_set_sink() replays exactly the lines that found none. */
	sink = current_sink;
	spin_unlock(&lock);
	if (sink)
		sink->write(line, length);
}

/* `who` and the blank behind it are both empty for the hypervisor's own lines. */
static void print_line(const char *who, const char *blank, const char *module, const char *format, va_list args)
{
	char line[LOG_LINE_MAX];
	size_t length = start_line(line, who, blank, module);

	/* What is too long is cut: snprintf returns what it would have been. */
	length += (size_t)vsnprintf(line + length, sizeof(line) - length, format, args);
	publish(line, length < sizeof(line) ? length : sizeof(line) - 1);
}

void log_words(enum log_level level, const char *module, ...)
{
	char line[LOG_LINE_MAX];
	const char *word;
	size_t length;
	va_list words;

	if (!is_wanted(level))
		return;
	length = start_line(line, "", "", module);
	va_start(words, module);
	while ((word = va_arg(words, const char *)) != NULL)
		length = append(line, length, word);
	va_end(words);
	publish(line, length);
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
