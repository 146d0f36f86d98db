/* SPDX-License-Identifier: Apache-2.0
 *
 * Serial ports, polled and, with CONFIG_UART_INTERRUPT_DRIVEN, by interrupt. The port that is the chosen zephyr,console is the
 * board's console; of others, what is sent goes nowhere, nothing is received, and they do not interrupt (-ENOSYS).
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

typedef void (*uart_irq_callback_user_data_t)(const struct device *dev, void *user_data);
typedef void (*uart_irq_config_func_t)(const struct device *dev);

/* A driver's functions; those that it has not are NULL. */
__subsystem struct uart_driver_api {
	int (*poll_in)(const struct device *dev, unsigned char *p_char);
	void (*poll_out)(const struct device *dev, unsigned char out_char);
	int (*err_check)(const struct device *dev);
	int (*configure)(const struct device *dev, const struct uart_config *cfg);
	int (*config_get)(const struct device *dev, struct uart_config *cfg);
#ifdef CONFIG_UART_INTERRUPT_DRIVEN
	int (*fifo_fill)(const struct device *dev, const uint8_t *tx_data, int len);
	int (*fifo_read)(const struct device *dev, uint8_t *rx_data, const int size);
	void (*irq_tx_enable)(const struct device *dev);
	void (*irq_tx_disable)(const struct device *dev);
	int (*irq_tx_ready)(const struct device *dev);
	void (*irq_rx_enable)(const struct device *dev);
	void (*irq_rx_disable)(const struct device *dev);
	int (*irq_tx_complete)(const struct device *dev);
	int (*irq_rx_ready)(const struct device *dev);
	void (*irq_err_enable)(const struct device *dev);
	void (*irq_err_disable)(const struct device *dev);
	int (*irq_is_pending)(const struct device *dev);
	int (*irq_update)(const struct device *dev);
	void (*irq_callback_set)(const struct device *dev, uart_irq_callback_user_data_t cb, void *user_data);
#endif
};

/* The console's port: a byte for it, as it is; the next one from it or -1, polled and in handlers; whether there is one. */
void z_console_put(unsigned char byte);
int z_console_poll(void);
int z_console_take(void);
int z_console_ready(void);
/* Its interrupt: the handler, which causes may interrupt, and which of those do just now. */
#define Z_CONSOLE_RECEIVES 1
#define Z_CONSOLE_SENDS    2
void z_console_connect(void (*handler)(const void *), const void *argument);
void z_console_enable(int cause, int on);
int z_console_pending(void);

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

/* Interrupts. Without CONFIG_UART_INTERRUPT_DRIVEN there are none. */
#ifdef CONFIG_UART_INTERRUPT_DRIVEN
#define Z_UART_ASK(dev, member, arguments) (DEVICE_API_GET(uart, dev)->member == NULL ? -ENOSYS : DEVICE_API_GET(uart, dev)->member arguments)
#define Z_UART_TELL(dev, member)                                                                                       \
	do {                                                                                                           \
		if (DEVICE_API_GET(uart, dev)->member != NULL) {                                                       \
			DEVICE_API_GET(uart, dev)->member(dev);                                                        \
		}                                                                                                      \
	} while (0)
#else
#define Z_UART_ASK(dev, member, arguments) ((void)(dev), -ENOTSUP)
#define Z_UART_TELL(dev, member)           ((void)(dev))
#endif

static inline int uart_irq_callback_user_data_set(const struct device *dev, uart_irq_callback_user_data_t cb, void *user_data)
{
#ifdef CONFIG_UART_INTERRUPT_DRIVEN
	const struct uart_driver_api *api = DEVICE_API_GET(uart, dev);

	if (api->irq_callback_set == NULL) {
		return -ENOSYS;
	}
	api->irq_callback_set(dev, cb, user_data);
	return 0;
#else
	(void)dev;
	(void)cb;
	(void)user_data;
	return -ENOTSUP;
#endif
}

static inline int uart_irq_callback_set(const struct device *dev, uart_irq_callback_user_data_t cb)
{
	return uart_irq_callback_user_data_set(dev, cb, NULL);
}

static inline int uart_fifo_fill(const struct device *dev, const uint8_t *tx_data, int size)
{
	(void)tx_data;
	(void)size;
	return Z_UART_ASK(dev, fifo_fill, (dev, tx_data, size));
}

static inline int uart_fifo_read(const struct device *dev, uint8_t *rx_data, const int size)
{
	(void)rx_data;
	(void)size;
	return Z_UART_ASK(dev, fifo_read, (dev, rx_data, size));
}

static inline int uart_irq_tx_ready(const struct device *dev)
{
	return Z_UART_ASK(dev, irq_tx_ready, (dev));
}

static inline int uart_irq_tx_complete(const struct device *dev)
{
	return Z_UART_ASK(dev, irq_tx_complete, (dev));
}

static inline int uart_irq_rx_ready(const struct device *dev)
{
	return Z_UART_ASK(dev, irq_rx_ready, (dev));
}

static inline int uart_irq_is_pending(const struct device *dev)
{
	return Z_UART_ASK(dev, irq_is_pending, (dev));
}

static inline int uart_irq_update(const struct device *dev)
{
	return Z_UART_ASK(dev, irq_update, (dev));
}

static inline void uart_irq_tx_enable(const struct device *dev)
{
	Z_UART_TELL(dev, irq_tx_enable);
}

static inline void uart_irq_tx_disable(const struct device *dev)
{
	Z_UART_TELL(dev, irq_tx_disable);
}

static inline void uart_irq_rx_enable(const struct device *dev)
{
	Z_UART_TELL(dev, irq_rx_enable);
}

static inline void uart_irq_rx_disable(const struct device *dev)
{
	Z_UART_TELL(dev, irq_rx_disable);
}

static inline void uart_irq_err_enable(const struct device *dev)
{
	Z_UART_TELL(dev, irq_err_enable);
}

static inline void uart_irq_err_disable(const struct device *dev)
{
	Z_UART_TELL(dev, irq_err_disable);
}

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_DRIVERS_UART_H_ */
