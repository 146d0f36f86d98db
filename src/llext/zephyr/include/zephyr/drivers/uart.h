/* SPDX-License-Identifier: Apache-2.0
 *
 * Serial ports, polled. The port that is the chosen zephyr,console is the board's console; of others, what is sent goes
 * nowhere. Nothing is received yet: uart_poll_in is -ENOSYS, and there are no functions for ports that interrupt.
 */
#ifndef ZEPHYR_INCLUDE_DRIVERS_UART_H_
#define ZEPHYR_INCLUDE_DRIVERS_UART_H_

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <zephyr/device.h>
#include <zephyr/sys/util_macro.h>
#include <zephyr/toolchain.h>

#ifdef __cplusplus
extern "C" {
#endif

enum uart_rx_stop_reason {
	UART_ERROR_OVERRUN = 1,
	UART_ERROR_PARITY = 2,
	UART_ERROR_FRAMING = 4,
	UART_BREAK = 8,
	UART_ERROR_COLLISION = 16,
	UART_ERROR_NOISE = 32
};

enum uart_config_parity {
	UART_CFG_PARITY_NONE,
	UART_CFG_PARITY_ODD,
	UART_CFG_PARITY_EVEN,
	UART_CFG_PARITY_MARK,
	UART_CFG_PARITY_SPACE
};

enum uart_config_stop_bits {
	UART_CFG_STOP_BITS_0_5,
	UART_CFG_STOP_BITS_1,
	UART_CFG_STOP_BITS_1_5,
	UART_CFG_STOP_BITS_2
};

enum uart_config_data_bits {
	UART_CFG_DATA_BITS_5,
	UART_CFG_DATA_BITS_6,
	UART_CFG_DATA_BITS_7,
	UART_CFG_DATA_BITS_8,
	UART_CFG_DATA_BITS_9
};

enum uart_config_flow_control {
	UART_CFG_FLOW_CTRL_NONE,
	UART_CFG_FLOW_CTRL_RTS_CTS,
	UART_CFG_FLOW_CTRL_DTR_DSR,
	UART_CFG_FLOW_CTRL_RS485
};

struct uart_config {
	uint32_t baudrate;
	uint8_t parity;
	uint8_t stop_bits;
	uint8_t data_bits;
	uint8_t flow_ctrl;
};

/* A driver's functions; those that it has not are NULL. */
__subsystem struct uart_driver_api {
	int (*poll_in)(const struct device *dev, unsigned char *p_char);
	void (*poll_out)(const struct device *dev, unsigned char out_char);
	int (*err_check)(const struct device *dev);
	int (*configure)(const struct device *dev, const struct uart_config *cfg);
	int (*config_get)(const struct device *dev, struct uart_config *cfg);
};

/* A byte for the console, as it is. */
void z_console_put(unsigned char byte);

static inline int uart_poll_in(const struct device *dev, unsigned char *p_char)
{
	const struct uart_driver_api *api = DEVICE_API_GET(uart, dev);

	return api->poll_in == NULL ? -ENOSYS : api->poll_in(dev, p_char);
}

static inline void uart_poll_out(const struct device *dev, unsigned char out_char)
{
	DEVICE_API_GET(uart, dev)->poll_out(dev, out_char);
}

static inline int uart_err_check(const struct device *dev)
{
	const struct uart_driver_api *api = DEVICE_API_GET(uart, dev);

	return api->err_check == NULL ? -ENOSYS : api->err_check(dev);
}

static inline int uart_configure(const struct device *dev, const struct uart_config *cfg)
{
	const struct uart_driver_api *api = DEVICE_API_GET(uart, dev);

	return api->configure == NULL ? -ENOSYS : api->configure(dev, cfg);
}

static inline int uart_config_get(const struct device *dev, struct uart_config *cfg)
{
	const struct uart_driver_api *api = DEVICE_API_GET(uart, dev);

	return api->config_get == NULL ? -ENOSYS : api->config_get(dev, cfg);
}

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_DRIVERS_UART_H_ */
