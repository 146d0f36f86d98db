/* SPDX-License-Identifier: Apache-2.0
 *
 * The station: a state machine over incoming lines, and the daily report.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

#include "station.h"

enum state { OFF, IDLE, MEASURING, FAILED };

static const char *const lines[] = {
	"begin", "T=21.5",  "H=40",   "P=(1000+13.25)", "W=2*1.5", "T=-3.125", "X=1",    "T=2*(4+1.25)-0.5",
	"pause", "T=99",    "begin",  "H=63.5",         "W=12.75", "T=",       "P=998.4", "T=19.25",
	"end",   "T=20.75",
};
static enum state state = FAILED;
static int taken, refused = -1;
static volatile uint32_t seed = 2463534242u;

/* Before anything else: the state is set by code, not by the image. */
__attribute__((constructor)) static void power_on(void)
{
	state = IDLE;
	refused += (int)(seed != 0);
}

static void take(const char *line)
{
	struct reading reading;

	if (parse_reading(line, &reading)) {
		history_add(&reading);
		taken++;
	} else {
		refused++;
	}
}

static enum state next(enum state now, const char *line)
{
	switch (line[0]) {
	case 'b':
		return now == OFF ? FAILED : MEASURING;
	case 'p':
		return now == MEASURING ? IDLE : FAILED;
	case 'e':
		return OFF;
	case 'T':
	case 'H':
	case 'P':
	case 'W':
	case 'X':
		if (now == MEASURING) {
			take(line);
		}
		return now;
	default:
		return FAILED;
	}
}

/* Marsaglia's xorshift: noise for a test series. */
static uint32_t noise(void)
{
	uint32_t value = seed;

	value ^= value << 13;
	value ^= value >> 17;
	value ^= value << 5;
	seed = value;
	return value;
}

static void show_milli(const char *label, int32_t milli)
{
	const uint32_t size = milli < 0 ? -(uint32_t)milli : (uint32_t)milli;

	printk(" %s %s%u.%03u", label, milli < 0 ? "-" : "", (unsigned int)(size / 1000), (unsigned int)(size % 1000));
}

static void report(enum quantity quantity)
{
	const struct unit *unit = &units[quantity];
	const int count = history_count(quantity);
	const int64_t mean = count > 0 ? history_sum(quantity) / count : 0;
	const float other = unit->other((float)(int32_t)mean / 1000.0f);

	printk("%-12s%2d readings,", unit->name, count);
	show_milli("mean", (int32_t)mean);
	show_milli("median", history_median(quantity));
	printk(" %s, %d/1000 %s, energy %llu\n", unit->symbol, (int)(other * 1000.0f + (other < 0 ? -0.5f : 0.5f)),
	       unit->other_symbol, (unsigned long long)history_energy(quantity));
}

void weather_station(void)
{
	for (size_t index = 0; index < ARRAY_SIZE(lines); index++) {
		state = next(state, lines[index]);
	}
	for (int step = 0; step < 20; step++) {
		const struct reading reading = {WIND, (int32_t)(noise() % 20000)};

		history_add(&reading);
	}
	printk("state %d, %d taken, %d refused\n", (int)state, taken, refused);
	for (int quantity = 0; quantity < QUANTITIES; quantity++) {
		report((enum quantity)quantity);
	}
}
EXPORT_SYMBOL(weather_station);
