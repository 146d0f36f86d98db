/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads what main wrote, and answers in the same memory.
 */
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

#include "shared.h"

static uint32_t calls; /* its own: gone when it is unloaded */

static int32_t answer(int32_t setpoint, int32_t measured)
{
	calls++;
	return (setpoint - measured) * 2;
}

void step(void)
{
	s_info.output = answer(s_info.setpoint, s_info.measured);
	s_info.steps++;
	printk("  extension: sees setpoint %d, measured %d; writes output %d; steps %u, own calls %u\n", s_info.setpoint,
	       s_info.measured, s_info.output, s_info.steps, calls);
}
EXPORT_SYMBOL(step);

void step_in_mailbox(void)
{
	MAILBOX->output = answer(MAILBOX->setpoint, MAILBOX->measured);
	MAILBOX->steps++;
	printk("  extension: sees setpoint %d, measured %d; writes output %d; steps %u\n", MAILBOX->setpoint,
	       MAILBOX->measured, MAILBOX->output, MAILBOX->steps);
}
EXPORT_SYMBOL(step_in_mailbox);
