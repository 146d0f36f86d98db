/* SPDX-License-Identifier: Apache-2.0
 *
 * The virtual board's serial ports, compiled for an application's devicetree: the chosen console's bytes are the board's console.
 */
#define DT_DRV_COMPAT llext_uart

#include <zephyr/device.h>
#include <zephyr/drivers/uart.h>

static void put(const struct device *dev, unsigned char byte)
{
	(void)dev;
	z_console_put(byte);
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

#if DT_HAS_CHOSEN(zephyr_console)
#define IS_CONSOLE(inst) DT_SAME_NODE(DT_DRV_INST(inst), DT_CHOSEN(zephyr_console))
#else
#define IS_CONSOLE(inst) 0
#endif

#define INSTANCE(inst)                                                                                                 \
	static const struct uart_driver_api api_##inst = {NULL, IS_CONSOLE(inst) ? put : put_nowhere, no_errors, NULL, NULL}; \
	DEVICE_DT_INST_DEFINE(inst, NULL, NULL, NULL, NULL, PRE_KERNEL_1, CONFIG_SERIAL_INIT_PRIORITY, &api_##inst);

DT_INST_FOREACH_STATUS_OKAY(INSTANCE)
