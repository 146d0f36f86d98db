/* SPDX-License-Identifier: Apache-2.0
 *
 * What moves deferred log messages on. By itself that is a thread, "logging" of priority 14, which runs one second after
 * the first message, or when ten wait.
 */
#ifndef ZEPHYR_INCLUDE_LOGGING_LOG_CTRL_H_
#define ZEPHYR_INCLUDE_LOGGING_LOG_CTRL_H_

#include <stdbool.h>
#include <stdint.h>
#include <zephyr/sys/util_macro.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Writes all that waits; from then on messages are written at once. */
void log_panic(void);
/* Writes one message; whether more of them wait. */
bool log_process(void);
uint32_t log_buffered_cnt(void);
/* The log's thread waits until there are some. */
void z_log_wait(void);

#if !defined(CONFIG_LOG) && !IS_ENABLED(CONFIG_LLEXT_KCONFIG)
#define CONFIG_LOG 1
#endif

#if IS_ENABLED(CONFIG_LOG)
#define LOG_PANIC() log_panic()
#define LOG_PROCESS() log_process()
#else
#define LOG_PANIC() ((void)0)
#define LOG_PROCESS() false
#endif
#define LOG_INIT() ((void)0) /* the board's log is there from the start */

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_LOGGING_LOG_CTRL_H_ */
