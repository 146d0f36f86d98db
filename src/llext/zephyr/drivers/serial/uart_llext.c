/* SPDX-License-Identifier: Apache-2.0
 *
 * The virtual board's serial ports, compiled for an application's devicetree: the chosen console's bytes are the board's console.
 */
#define DT_DRV_COMPAT llext_uart

#include <zephyr/device.h>
#include <zephyr/drivers/uart.h>

static int poll(const struct device *dev, unsigned char *byte)
{
	const int got = z_console_poll();

	(void)dev;
	if (got >= 0) {
		*byte = (unsigned char)got;
	}
	return got >= 0 ? 0 : -1;
}

static void put(const struct device *dev, unsigned char byte)
{
	(void)dev;
	z_console_put(byte);
}

static int poll_nowhere(const struct device *dev, unsigned char *byte)
{
	(void)dev;
	(void)byte;
	return -1;
}

static void put_nowhere(const struct device *dev, unsigned char byte)
{
	(void)dev;
	(void)byte;
}

static int no_errors(const struct device *dev)
{
	(void)dev;
	return 0;
}

/* Interrupts of the console's port ------------------------------------------------------------------------------------ */

#ifdef CONFIG_UART_INTERRUPT_DRIVEN
static struct {
	uart_irq_callback_user_data_t callback;
	void *user_data;
} console;

/* The line is up as long as there is a cause. */
static void serve(const void *parameter)
{
	while (console.callback != NULL && z_console_pending() != 0) {
		console.callback((const struct device *)parameter, console.user_data);
	}
}

static void callback_set(const struct device *dev, uart_irq_callback_user_data_t callback, void *user_data)
{
	console.callback = callback;
	console.user_data = user_data;
	z_console_connect(callback != NULL ? serve : NULL, dev);
}

static int fill(const struct device *dev, const uint8_t *data, int length)
{
	for (int at = 0; at < length; at++) {
		put(dev, data[at]);
	}
	return length;
}

static int take(const struct device *dev, uint8_t *data, const int size)
{
	int at = 0;

	(void)dev;
	while (at < size && z_console_ready()) {
		data[at++] = (uint8_t)z_console_take();
	}
	return at;
}

#define SWITCH(name, cause, on)                                                                                        \
	static void name(const struct device *dev)                                                                     \
	{                                                                                                              \
		(void)dev;                                                                                             \
		z_console_enable(cause, on);                                                                           \
	}
SWITCH(receive, Z_CONSOLE_RECEIVES, 1)
SWITCH(receive_no_more, Z_CONSOLE_RECEIVES, 0)
SWITCH(send, Z_CONSOLE_SENDS, 1)
SWITCH(send_no_more, Z_CONSOLE_SENDS, 0)
SWITCH(errors, 0, 1)

#define ANSWER(name, value)                                                                                            \
	static int name(const struct device *dev)                                                                      \
	{                                                                                                              \
		(void)dev;                                                                                             \
		return value;                                                                                          \
	}
ANSWER(sends, (z_console_pending() & Z_CONSOLE_SENDS) != 0)
ANSWER(received, z_console_ready())
ANSWER(pending, z_console_pending() != 0)
ANSWER(always, 1)

#define INTERRUPTS                                                                                                     \
	fill, take, send, send_no_more, sends, receive, receive_no_more, always, received, errors, errors, pending, always, callback_set
#else
#define INTERRUPTS
#endif

/* The ports ------------------------------------------------------------------------------------------------------------- */

#if DT_HAS_CHOSEN(zephyr_console)
#define IS_CONSOLE(inst) DT_SAME_NODE(DT_DRV_INST(inst), DT_CHOSEN(zephyr_console))
#else
#define IS_CONSOLE(inst) 0
#endif

static const struct uart_driver_api console_api = {poll, put, no_errors, NULL, NULL, INTERRUPTS};
static const struct uart_driver_api other_api = {.poll_in = poll_nowhere, .poll_out = put_nowhere, .err_check = no_errors};

#define INSTANCE(inst)                                                                                                 \
	DEVICE_DT_INST_DEFINE(inst, NULL, NULL, NULL, NULL, PRE_KERNEL_1, CONFIG_SERIAL_INIT_PRIORITY,                 \
			      IS_CONSOLE(inst) ? &console_api : &other_api);

DT_INST_FOREACH_STATUS_OKAY(INSTANCE)
