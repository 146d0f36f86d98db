/* SPDX-License-Identifier: Apache-2.0
 *
 * The log. Each file says LOG_MODULE_REGISTER(name[, level]), or LOG_MODULE_DECLARE for a module of another file; messages
 * above that level are not compiled. How messages are written is the board's choice when it is powered on; what is
 * defined here with -DCONFIG_LOG_...=1, or by an application's configuration, is added to it for this file's messages.
 */
#ifndef ZEPHYR_INCLUDE_LOGGING_LOG_H_
#define ZEPHYR_INCLUDE_LOGGING_LOG_H_

#include <zephyr/kernel/time.h>
#include <zephyr/logging/log_ctrl.h>
#include <zephyr/logging/log_instance.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef CONFIG_LOG_DEFAULT_LEVEL
#define CONFIG_LOG_DEFAULT_LEVEL 3
#endif
#ifndef CONFIG_LOG_MAX_LEVEL
#define CONFIG_LOG_MAX_LEVEL 4
#endif
#ifndef CONFIG_LOG_OVERRIDE_LEVEL
#define CONFIG_LOG_OVERRIDE_LEVEL 0
#endif
#ifndef CONFIG_LOG_RATELIMIT_INTERVAL_MS
#define CONFIG_LOG_RATELIMIT_INTERVAL_MS 5000
#endif

/* What a message asks of the log, beside its level (kernel/log_lines.py reads the same bits). */
#define Z_LOG_RAW_TEXT 0x08U
#define Z_LOG_FLAGS                                                                                                    \
	((IS_ENABLED(CONFIG_LOG_MODE_DEFERRED) ? 0x10U : 0U) | (IS_ENABLED(CONFIG_LOG_MODE_IMMEDIATE) ? 0x20U : 0U) |  \
	 (IS_ENABLED(CONFIG_LOG_MODE_MINIMAL) ? 0x30U : 0U) | (IS_ENABLED(CONFIG_LOG_BACKEND_SHOW_COLOR) ? 0x40U : 0U) | \
	 (IS_ENABLED(CONFIG_LOG_THREAD_ID_PREFIX) ? 0x80U : 0U) | (IS_ENABLED(CONFIG_LOG_INFO_COLOR_GREEN) ? 0x100U : 0U) | \
	 (IS_ENABLED(CONFIG_LOG_OUTPUT_FORMAT_LINUX_TIMESTAMP) ? 0x200U : 0U) |                                        \
	 (Z_CONFIG_OFF(CONFIG_LOG_BACKEND_FORMAT_TIMESTAMP) ? 0x400U : 0U) |                                           \
	 (Z_CONFIG_OFF(CONFIG_LOG_BACKEND_SHOW_TIMESTAMP) ? 0x800U : 0U) |                                             \
	 (Z_CONFIG_OFF(CONFIG_LOG_BACKEND_SHOW_LEVEL) ? 0x1000U : 0U))

void z_log(const struct log_source_const_data *source, uint32_t flags, const char *function, const char *fmt, ...)
	__printf_like(4, 5);
void z_log_hexdump(const struct log_source_const_data *source, uint32_t flags, const void *data, size_t length,
		   const char *str);

/* Modules --------------------------------------------------------------------------------------------------------- */

/* The level that was given, or LOG_LEVEL, if it is a digit: an option that is not set has none. Else the default. */
#define Z_LOG_DIGIT_0 0, 0
#define Z_LOG_DIGIT_1 0, 1
#define Z_LOG_DIGIT_2 0, 2
#define Z_LOG_DIGIT_3 0, 3
#define Z_LOG_DIGIT_4 0, 4
#define Z_LOG_DIGIT_0U 0, 0
#define Z_LOG_DIGIT_1U 0, 1
#define Z_LOG_DIGIT_2U 0, 2
#define Z_LOG_DIGIT_3U 0, 3
#define Z_LOG_DIGIT_4U 0, 4
#define Z_LOG_DIGIT_OR(value, otherwise) Z_LOG_LEVEL_OF(Z_LOG_DIGIT_##value, otherwise, 0)
#define Z_LOG_OWN_LEVEL(value) Z_LOG_DIGIT_OR(value, CONFIG_LOG_DEFAULT_LEVEL)
#define Z_LOG_NAME(name, ...) name
#define Z_LOG_LEVEL_OF(name, ...) Z_LOG_SECOND(name, __VA_ARGS__)
#define Z_LOG_SECOND(name, level, ...) level
#define Z_LOG_GIVEN(name, level, ...) level

#define Z_LOG_USE(name, level_)                                                                                        \
	static const struct log_source_const_data *const __log_current_const_data __unused = &log_const_##name;        \
	static const uint32_t __log_level __unused = (level_)
#define Z_LOG_REGISTER(name, level_)                                                                                   \
	extern const struct log_source_const_data log_const_##name;                                                    \
	const struct log_source_const_data log_const_##name = {#name, (level_)};                                       \
	Z_LOG_USE(name, level_)
#define Z_LOG_DECLARE(name, level_)                                                                                    \
	extern const struct log_source_const_data log_const_##name;                                                    \
	Z_LOG_USE(name, level_)
#define Z_LOG_REGISTER_(...) Z_LOG_REGISTER(__VA_ARGS__)
#define Z_LOG_DECLARE_(...) Z_LOG_DECLARE(__VA_ARGS__)

#define LOG_MODULE_REGISTER(...)                                                                                       \
	Z_LOG_REGISTER_(Z_LOG_NAME(__VA_ARGS__, 0), Z_LOG_OWN_LEVEL(Z_LOG_GIVEN(__VA_ARGS__, LOG_LEVEL, 0)))
#define LOG_MODULE_DECLARE(...)                                                                                        \
	Z_LOG_DECLARE_(Z_LOG_NAME(__VA_ARGS__, 0), Z_LOG_OWN_LEVEL(Z_LOG_GIVEN(__VA_ARGS__, LOG_LEVEL, 0)))
#define LOG_LEVEL_SET(level) static const uint32_t __log_level __unused = (level)

/* Messages -------------------------------------------------------------------------------------------------------- */

#define Z_LOG_COMPILED(wanted, level)                                                                                  \
	(IS_ENABLED(CONFIG_LOG) && ((wanted) <= CONFIG_LOG_OVERRIDE_LEVEL ||                                           \
				    (!CONFIG_LOG_OVERRIDE_LEVEL && (wanted) <= (level) && (wanted) <= CONFIG_LOG_MAX_LEVEL)))

#define Z_LOG_FUNCTION_ERR (IS_ENABLED(CONFIG_LOG_FUNC_NAME_PREFIX_ERR) ? __func__ : NULL)
#define Z_LOG_FUNCTION_WRN (IS_ENABLED(CONFIG_LOG_FUNC_NAME_PREFIX_WRN) ? __func__ : NULL)
#define Z_LOG_FUNCTION_INF (IS_ENABLED(CONFIG_LOG_FUNC_NAME_PREFIX_INF) ? __func__ : NULL)
#define Z_LOG_FUNCTION_DBG (Z_CONFIG_OFF(CONFIG_LOG_FUNC_NAME_PREFIX_DBG) ? NULL : __func__)

#define Z_LOG_TO(source, level, letters, ...)                                                                          \
	do {                                                                                                           \
		if (Z_LOG_COMPILED(LOG_LEVEL_##letters, level)) {                                                      \
			z_log(source, Z_LOG_FLAGS | LOG_LEVEL_##letters, Z_LOG_FUNCTION_##letters, __VA_ARGS__);       \
		}                                                                                                      \
	} while (0)
#define Z_LOG_HEXDUMP_TO(source, level, letters, data, length, str)                                                    \
	do {                                                                                                           \
		if (Z_LOG_COMPILED(LOG_LEVEL_##letters, level)) {                                                      \
			z_log_hexdump(source, Z_LOG_FLAGS | LOG_LEVEL_##letters, data, length, str);                   \
		}                                                                                                      \
	} while (0)
#define Z_LOG(letters, ...) Z_LOG_TO(__log_current_const_data, __log_level, letters, __VA_ARGS__)
#define Z_LOG_HEXDUMP(letters, data, length, str)                                                                      \
	Z_LOG_HEXDUMP_TO(__log_current_const_data, __log_level, letters, data, length, str)
#define Z_LOG_INST(inst, letters, ...) Z_LOG_TO(inst, (inst)->level, letters, __VA_ARGS__)
#define Z_LOG_HEXDUMP_INST(inst, letters, data, length, str)                                                           \
	Z_LOG_HEXDUMP_TO(inst, (inst)->level, letters, data, length, str)

#define LOG_ERR(...) Z_LOG(ERR, __VA_ARGS__)
#define LOG_WRN(...) Z_LOG(WRN, __VA_ARGS__)
#define LOG_INF(...) Z_LOG(INF, __VA_ARGS__)
#define LOG_DBG(...) Z_LOG(DBG, __VA_ARGS__)
#define LOG_INST_ERR(inst, ...) Z_LOG_INST(inst, ERR, __VA_ARGS__)
#define LOG_INST_WRN(inst, ...) Z_LOG_INST(inst, WRN, __VA_ARGS__)
#define LOG_INST_INF(inst, ...) Z_LOG_INST(inst, INF, __VA_ARGS__)
#define LOG_INST_DBG(inst, ...) Z_LOG_INST(inst, DBG, __VA_ARGS__)
#define LOG_HEXDUMP_ERR(data, length, str) Z_LOG_HEXDUMP(ERR, data, length, str)
#define LOG_HEXDUMP_WRN(data, length, str) Z_LOG_HEXDUMP(WRN, data, length, str)
#define LOG_HEXDUMP_INF(data, length, str) Z_LOG_HEXDUMP(INF, data, length, str)
#define LOG_HEXDUMP_DBG(data, length, str) Z_LOG_HEXDUMP(DBG, data, length, str)
#define LOG_INST_HEXDUMP_ERR(inst, data, length, str) Z_LOG_HEXDUMP_INST(inst, ERR, data, length, str)
#define LOG_INST_HEXDUMP_WRN(inst, data, length, str) Z_LOG_HEXDUMP_INST(inst, WRN, data, length, str)
#define LOG_INST_HEXDUMP_INF(inst, data, length, str) Z_LOG_HEXDUMP_INST(inst, INF, data, length, str)
#define LOG_INST_HEXDUMP_DBG(inst, data, length, str) Z_LOG_HEXDUMP_INST(inst, DBG, data, length, str)

/* Text of its own, in order with the messages: LF as on the console, or as it is. */
#define Z_LOG_TEXT(flags, ...)                                                                                         \
	do {                                                                                                           \
		if (IS_ENABLED(CONFIG_LOG)) {                                                                          \
			z_log(NULL, Z_LOG_FLAGS | (flags), NULL, __VA_ARGS__);                                         \
		}                                                                                                      \
	} while (0)
#define LOG_PRINTK(...) Z_LOG_TEXT(0U, __VA_ARGS__)
#define LOG_RAW(...) Z_LOG_TEXT(Z_LOG_RAW_TEXT, __VA_ARGS__)

/* The first time only that code comes by. */
#define Z_LOG_ONCE(letters, ...)                                                                                       \
	do {                                                                                                           \
		static bool z_log_told;                                                                                \
                                                                                                                       \
		if (!z_log_told) {                                                                                     \
			z_log_told = true;                                                                             \
			Z_LOG(letters, __VA_ARGS__);                                                                   \
		}                                                                                                      \
	} while (0)
#define LOG_ERR_ONCE(...) Z_LOG_ONCE(ERR, __VA_ARGS__)
#define LOG_WRN_ONCE(...) Z_LOG_ONCE(WRN, __VA_ARGS__)
#define LOG_INF_ONCE(...) Z_LOG_ONCE(INF, __VA_ARGS__)
#define LOG_DBG_ONCE(...) Z_LOG_ONCE(DBG, __VA_ARGS__)

/* Not again before so many milliseconds have passed since it was written. */
#define Z_LOG_RATELIMIT(letters, ms, ...)                                                                              \
	do {                                                                                                           \
		static uint32_t z_log_last;                                                                            \
		static bool z_log_told;                                                                                \
		const uint32_t z_log_now = k_uptime_get_32();                                                          \
                                                                                                                       \
		if (!z_log_told || z_log_now - z_log_last >= (uint32_t)(ms)) {                                         \
			z_log_told = true;                                                                             \
			z_log_last = z_log_now;                                                                        \
			Z_LOG(letters, __VA_ARGS__);                                                                   \
		}                                                                                                      \
	} while (0)
#define LOG_ERR_RATELIMIT_RATE(ms, ...) Z_LOG_RATELIMIT(ERR, ms, __VA_ARGS__)
#define LOG_WRN_RATELIMIT_RATE(ms, ...) Z_LOG_RATELIMIT(WRN, ms, __VA_ARGS__)
#define LOG_INF_RATELIMIT_RATE(ms, ...) Z_LOG_RATELIMIT(INF, ms, __VA_ARGS__)
#define LOG_DBG_RATELIMIT_RATE(ms, ...) Z_LOG_RATELIMIT(DBG, ms, __VA_ARGS__)
#define LOG_ERR_RATELIMIT(...) LOG_ERR_RATELIMIT_RATE(CONFIG_LOG_RATELIMIT_INTERVAL_MS, __VA_ARGS__)
#define LOG_WRN_RATELIMIT(...) LOG_WRN_RATELIMIT_RATE(CONFIG_LOG_RATELIMIT_INTERVAL_MS, __VA_ARGS__)
#define LOG_INF_RATELIMIT(...) LOG_INF_RATELIMIT_RATE(CONFIG_LOG_RATELIMIT_INTERVAL_MS, __VA_ARGS__)
#define LOG_DBG_RATELIMIT(...) LOG_DBG_RATELIMIT_RATE(CONFIG_LOG_RATELIMIT_INTERVAL_MS, __VA_ARGS__)

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_LOGGING_LOG_H_ */
