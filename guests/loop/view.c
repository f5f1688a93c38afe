#include "guests/loop/view.h"
#include "guests/common/uart.h"
#include "guests/loop/motor.h"
#include "guests/loop/stats.h"

#define BAR_COLUMNS 40

/* Where each row of the picture begins. The names are rounded: 512 ns is shown as 0.5 us. */
static const struct row {
	uint64_t from_ns;
	const char *name;
} rows[] = {
	/* clang-format off */
	{ 0, "below 0.5 us" },
	{ 1UL << 9, "0.5 to 1 us" },
	{ 1UL << 10, "1 to 2 us" },
	{ 1UL << 11, "2 to 4 us" },
	{ 1UL << 12, "4 to 8 us" },
	{ 1UL << 13, "8 to 16 us" },
	{ 1UL << 14, "16 to 32 us" },
	{ 1UL << 15, "32 to 64 us" },
	{ 1UL << 16, "64 to 128 us" },
	{ 1UL << 17, "128 to 256 us" },
	{ 1UL << 18, "256 to 512 us" },
	{ 1UL << 19, "0.5 to 1 ms" },
	{ 1UL << 20, "above 1 ms" },
	/* clang-format on */
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static const char *end_of_line;

static void put_columns(char c, unsigned int columns)
{
	while (columns-- > 0)
		uart_put(c);
}

/* Left-aligned text. */
static void put_name(const char *name, unsigned int columns)
{
	for (; *name; columns--)
		uart_put(*name++);
	put_columns(' ', columns);
}

/* n thousandths, with two of their digits: 12345 is 12.34. */
static void put_thousandths(uint64_t n, unsigned int width)
{
	uart_unsigned(n / 1000, width);
	uart_put('.');
	uart_unsigned(n / 100 % 10, 0);
	uart_unsigned(n / 10 % 10, 0);
}

static uint64_t count_between(uint64_t from_ns, uint64_t to_ns)
{
	uint64_t count = 0;

	for (unsigned int n = 0; n < STATS_BUCKETS; n++)
		if (bucket_from_ns(n) >= from_ns && bucket_from_ns(n) < to_ns)
			count += stats.counts[n];
	return count;
}

/* Three columns for two doublings: one late period in a million shows. */
static unsigned int bar_columns(uint64_t count)
{
	unsigned int doublings = count == 0 ? 0 : 64 - (unsigned int)__builtin_clzl(count);
	unsigned int columns = (3 * doublings + 1) / 2;

	return columns < BAR_COLUMNS ? columns : BAR_COLUMNS;
}

static void draw_row(const struct row *row, uint64_t to_ns, uint64_t periods)
{
	uint64_t count = count_between(row->from_ns, to_ns);
	unsigned int columns = bar_columns(count);

	put_name(row->name, 14);
	uart_put('|');
	put_columns('#', columns);
	put_columns(' ', BAR_COLUMNS - columns);
	uart_put('|');
	uart_unsigned(count, 10);
	put_thousandths(count * 100000 / periods, 5);
	uart_text(" %");
	uart_text(end_of_line);
}

static void draw_head(uint64_t period_us)
{
	uart_unsigned(period_us, 0);
	uart_text(" us control loop on the virtual timer (r resets the figures, q powers off)");
	uart_text(end_of_line);
	uart_text("periods ");
	uart_unsigned(stats.periods, 0);
	uart_text("   missed ");
	uart_unsigned(stats.missed, 0);
	uart_text("   worst ");
	put_thousandths(stats.worst_ns, 0);
	uart_text(" us   mean ");
	put_thousandths(stats_mean_ns(), 0);
	uart_text(" us");
	uart_text(end_of_line);
	uart_text("motor: set point ");
	uart_unsigned(motor_set_rpm(), 4);
	uart_text(" rpm, actual ");
	uart_unsigned(motor_actual_rpm(), 4);
	uart_text(" rpm");
	uart_text(end_of_line);
	uart_text(end_of_line);
	uart_text("late by         periods, on a log scale");
	uart_text(end_of_line);
}

void view_draw(bool plain, uint64_t period_us)
{
	uint64_t periods = stats.periods;

	/* No screen is cleared: what is new is written over what was there, so nothing flickers. */
	end_of_line = plain ? "\n" : "\x1b[K\n";
	uart_text(plain ? "" : "\x1b[H");
	draw_head(period_us);
	for (unsigned int n = 0; n < ROWS; n++)
		draw_row(&rows[n], n + 1 < ROWS ? rows[n + 1].from_ns : UINT64_MAX, periods);
	uart_text(plain ? "\n" : "\x1b[J");
}

static void put_item(const char *name, uint64_t value)
{
	uart_put(' ');
	uart_text(name);
	uart_put('=');
	uart_unsigned(value, 0);
}

void view_summary(void)
{
	uart_text("loop:");
	put_item("periods", stats.periods);
	put_item("missed", stats.missed);
	put_item("worst_ns", stats.worst_ns);
	put_item("mean_ns", stats_mean_ns());
	for (unsigned int n = 0; n < STATS_BUCKETS; n++) {
		if (stats.counts[n] == 0)
			continue;
		uart_text("\nloop: bucket");
		put_item("from_ns", bucket_from_ns(n));
		put_item("to_ns", bucket_from_ns(n + 1));
		put_item("count", stats.counts[n]);
	}
	uart_text("\nloop: done\n");
}
