/* SPDX-License-Identifier: Apache-2.0
 *
 * A button that bounces: each edge is an interrupt, and puts off work that looks at the button once it has been quiet for
 * 20 ms. A timer plays the finger.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

static const int gaps[] = {10, 1, 2, 1, 3, 80, 1, 2, 40, 5};
static bool pressed, stable;
static int edges, seen;
static int64_t start;
K_SEM_DEFINE(done, 0, 1);

void press(void);

static void settled(struct k_work *work)
{
	(void)work;
	if (pressed == stable) {
		printk("%3d ms: nothing, after %d edges\n", (int)(k_uptime_get() - start), edges - seen);
	} else {
		stable = pressed;
		printk("%3d ms: %s, after %d edges\n", (int)(k_uptime_get() - start), stable ? "pressed" : "released", edges - seen);
	}
	seen = edges;
	if (edges == (int)ARRAY_SIZE(gaps)) {
		k_sem_give(&done);
	}
}
static K_WORK_DELAYABLE_DEFINE(debounce, settled);

static void edge(struct k_timer *finger)
{
	pressed = !pressed;
	edges++;
	k_work_reschedule(&debounce, K_MSEC(20));
	if (edges < (int)ARRAY_SIZE(gaps)) {
		k_timer_start(finger, K_MSEC(gaps[edges]), K_NO_WAIT);
	}
}
K_TIMER_DEFINE(finger, edge, NULL);

void press(void)
{
	start = k_uptime_get();
	k_timer_start(&finger, K_MSEC(gaps[0]), K_NO_WAIT);
	k_sem_take(&done, K_FOREVER);
}
EXPORT_SYMBOL(press);
