/* SPDX-License-Identifier: Apache-2.0
 *
 * Devices, without devicetree: DEVICE_DEFINE makes one with the name by which device_get_binding finds it. In an extension
 * llext_bringup makes it ready, at its level and priority, and llext_teardown takes it off the list.
 */
#ifndef ZEPHYR_INCLUDE_DEVICE_H_
#define ZEPHYR_INCLUDE_DEVICE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zephyr/init.h>
#include <zephyr/kernel/objects.h>
#include <zephyr/sys/iterable_sections.h>

#ifdef __cplusplus
extern "C" {
#endif

struct device;
struct pm_device;

/* What init returned, as a positive number up to 255, and whether it was called. */
struct device_state {
	uint8_t init_res;
	bool initialized;
};

struct device_ops {
	int (*init)(const struct device *dev);
};

struct device {
	const char *name;
	const void *config;
	const void *api;
	struct device_state *state;
	void *data;
	struct device_ops ops;
	uint8_t flags;
};

const struct device *device_get_binding(const char *name) Z_SYSCALL(device_get_binding);
bool device_is_ready(const struct device *dev) Z_SYSCALL(device_is_ready);
int device_init(const struct device *dev) Z_SYSCALL(device_init);

/* What bringing up an extension and tearing it down do with its devices. */
void z_device_begin(const struct device *dev);
void z_device_end(const struct device *dev);
/* The kernel's list, in which names are found. */
void z_device_list(const struct device *dev, bool there);

#define DEVICE_NAME_GET(dev_id) CONCAT(__device_, dev_id)
#define DEVICE_GET(dev_id) (&DEVICE_NAME_GET(dev_id))
#define DEVICE_DECLARE(dev_id) extern const struct device DEVICE_NAME_GET(dev_id)

#define DEVICE_DEFINE(dev_id, name, init_fn, pm, data_ptr, config_ptr, level, prio, api_ptr)                           \
	BUILD_ASSERT(Z_DEVICE_LEVEL_##level, "devices have level PRE_KERNEL_1, PRE_KERNEL_2 or POST_KERNEL");          \
	static struct device_state z_device_state_##dev_id;                                                            \
	DEVICE_DECLARE(dev_id);                                                                                        \
	const STRUCT_SECTION_ITERABLE_NAMED(device, dev_id, DEVICE_NAME_GET(dev_id)) = {                               \
		name, config_ptr, api_ptr, &z_device_state_##dev_id, data_ptr, {init_fn}, 0};                          \
	Z_DEVICE_BOOT(dev_id, level, prio)

#define Z_DEVICE_LEVEL_PRE_KERNEL_1 1
#define Z_DEVICE_LEVEL_PRE_KERNEL_2 1
#define Z_DEVICE_LEVEL_POST_KERNEL 1

#ifdef LL_EXTENSION_BUILD
#define Z_DEVICE_BOOT(dev_id, level, prio)                                                                             \
	Z_INIT_AT(device_##dev_id, level, prio)                                                                        \
	{                                                                                                              \
		z_device_begin(DEVICE_GET(dev_id));                                                                    \
	}                                                                                                              \
	__attribute__((__destructor__)) static void z_device_end_##dev_id(void)                                        \
	{                                                                                                              \
		z_device_end(DEVICE_GET(dev_id));                                                                      \
	}                                                                                                              \
	struct z_device_defined_##dev_id
#else
#define Z_DEVICE_BOOT(dev_id, level, prio)                                                                             \
	static const struct init_entry Z_INIT_SECTION(level, prio) __used __init_device_##dev_id = {NULL,              \
												    DEVICE_GET(dev_id)}
#endif

/* Tables of driver functions, by class. */
#define DEVICE_API(api_class, name) const STRUCT_SECTION_ITERABLE(CONCAT(api_class, _driver_api), name)
#define DEVICE_API_GET(api_class, dev) ((const struct CONCAT(api_class, _driver_api) *)(dev)->api)

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_DEVICE_H_ */
