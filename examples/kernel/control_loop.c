/* SPDX-License-Identifier: Apache-2.0
 *
 * A loop that heats a kettle, every 10 ms by a timer. A step that takes too long misses periods, which the timer's status
 * tells; the steps behind it are in time again, for the timer does not drift.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

#define STEPS 8
#define GOAL 8000 /* hundredths of a degree */

K_TIMER_DEFINE(period, NULL, NULL);

void control(void);

void control(void)
{
	const int64_t start = k_uptime_get();
	int temperature = 2000, sum = 0;

	k_timer_start(&period, K_MSEC(10), K_MSEC(10));
	for (int step = 1; step <= STEPS; step++) {
		const int periods = (int)k_timer_status_sync(&period), error = GOAL - temperature;
		int power;

		sum += error * periods;
		power = CLAMP(error / 4 + sum / 16, 0, 2000);
		printk("%3d ms: %d.%02d degrees, power %d", (int)(k_uptime_get() - start), temperature / 100, temperature % 100,
		       power);
		printk(periods > 1 ? ", missed %d\n" : "\n", periods - 1);
		temperature += power - (temperature - 2000) / 20;
		if (step == 3) {
			k_busy_wait(25000);
		}
	}
	k_timer_stop(&period);
}
EXPORT_SYMBOL(control);
