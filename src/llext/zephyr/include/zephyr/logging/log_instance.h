/* SPDX-License-Identifier: Apache-2.0
 *
 * Sources of log messages: modules, and instances that a module has several of (an object holds a pointer to its own).
 */
#ifndef ZEPHYR_INCLUDE_LOGGING_LOG_INSTANCE_H_
#define ZEPHYR_INCLUDE_LOGGING_LOG_INSTANCE_H_

#include <stddef.h>
#include <stdint.h>
#include <zephyr/toolchain.h>

#define LOG_LEVEL_NONE 0U
#define LOG_LEVEL_ERR 1U
#define LOG_LEVEL_WRN 2U
#define LOG_LEVEL_INF 3U
#define LOG_LEVEL_DBG 4U

struct log_source_const_data {
	const char *name;
	uint8_t level;
};

#define LOG_INSTANCE_PTR_DECLARE(name) const struct log_source_const_data *name
#define LOG_INSTANCE_PTR_INIT(name, module, inst) .name = LOG_INSTANCE_PTR(module, inst),
#define LOG_INSTANCE_PTR(module, inst) (&log_const_##module##_##inst)
#define LOG_INSTANCE_REGISTER(module, inst, level)                                                                     \
	static const struct log_source_const_data __unused log_const_##module##_##inst = {#module "." #inst, level}

#endif /* ZEPHYR_INCLUDE_LOGGING_LOG_INSTANCE_H_ */
