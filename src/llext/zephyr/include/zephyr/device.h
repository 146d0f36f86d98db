/* SPDX-License-Identifier: Apache-2.0
 *
 * Devices: DEVICE_DEFINE makes one with the name by which device_get_binding finds it, DEVICE_DT_DEFINE that of a node of
 * the devicetree, which DEVICE_DT_GET finds. In an extension llext_bringup makes it ready, at its level and priority, and
 * llext_teardown takes it off the list.
 */
#ifndef ZEPHYR_INCLUDE_DEVICE_H_
#define ZEPHYR_INCLUDE_DEVICE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zephyr/devicetree.h>
#include <zephyr/init.h>
#include <zephyr/kernel/objects.h>
#include <zephyr/llext/symbol.h>
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
	Z_DEVICE_DEFINE(dev_id, 0, 0, name, init_fn, pm, data_ptr, config_ptr, level, prio, api_ptr)
#define Z_DEVICE_DEFINE(dev_id, sub, deferred, name, init_fn, pm, data_ptr, config_ptr, level, prio, api_ptr)                    \
	BUILD_ASSERT(Z_DEVICE_LEVEL_##level, "devices have level PRE_KERNEL_1, PRE_KERNEL_2 or POST_KERNEL");          \
	static struct device_state z_device_state_##dev_id;                                                            \
	DEVICE_DECLARE(dev_id);                                                                                        \
	const STRUCT_SECTION_ITERABLE_NAMED(device, dev_id, DEVICE_NAME_GET(dev_id)) = {                               \
		name, config_ptr, api_ptr, &z_device_state_##dev_id, data_ptr, {init_fn}, deferred};                   \
	Z_DEVICE_BOOT_##deferred(dev_id, level, prio, sub)

#define Z_DEVICE_LEVEL_PRE_KERNEL_1 1
#define Z_DEVICE_LEVEL_PRE_KERNEL_2 1
#define Z_DEVICE_LEVEL_POST_KERNEL 1

/* Boot makes it ready, or leaves that to device_init: zephyr,deferred-init, of which extensions know nothing. */
#ifdef LL_EXTENSION_BUILD
#define Z_DEVICE_BOOT_1 Z_DEVICE_BOOT_0
#define Z_DEVICE_BOOT_0(dev_id, level, prio, sub)                                                                      \
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
#define Z_DEVICE_BOOT_1(dev_id, level, prio, sub) struct z_device_deferred_##dev_id
#define Z_DEVICE_BOOT_0(dev_id, level, prio, sub)                                                                      \
	Z_INIT_CHECK(level, prio);                                                                                     \
	static const struct init_entry Z_INIT_SECTION(level, prio, sub) __used __init_device_##dev_id = {              \
		NULL, DEVICE_GET(dev_id)}
#endif

/*
 * CONFIG_LLEXT_EXPORT_DEVICES: extensions may use the devices that a firmware defines for nodes, by the same names, or by names
 * that do not change when other nodes come and go.
 */
#if defined(CONFIG_LLEXT_EXPORT_DEVICES) && !defined(LL_EXTENSION_BUILD)
#ifdef CONFIG_LLEXT_EXPORT_DEV_IDS_BY_HASH
#define Z_DEVICE_EXPORT(node_id)                                                                                       \
	EXPORT_GROUP_SYMBOL_NAMED(DEVICE, DEVICE_DT_NAME_GET(node_id), DEVICE_NAME_GET(Z_DEVICE_DT_HASH(node_id)));
#else
#define Z_DEVICE_EXPORT(node_id) EXPORT_GROUP_SYMBOL(DEVICE, DEVICE_DT_NAME_GET(node_id));
#endif
#else
#define Z_DEVICE_EXPORT(node_id)
#endif

/*
 * Devices of nodes: named by the node's place in the tree, so that every source means the same one. That of a node for which
 * no driver defines a device is missing when the firmware is linked.
 */
#define DEVICE_DT_NAME(node_id) DT_PROP_OR(node_id, label, DT_NODE_FULL_NAME(node_id))
#define DEVICE_DT_NAME_GET(node_id) DEVICE_NAME_GET(Z_DEVICE_DT_ID(node_id))
#define DEVICE_DT_GET(node_id) (&DEVICE_DT_NAME_GET(node_id))
#define DEVICE_DT_INST_GET(inst) DEVICE_DT_GET(DT_DRV_INST(inst))
#define DEVICE_DT_GET_OR_NULL(node_id) COND_CODE_1(DT_NODE_HAS_STATUS_OKAY(node_id), (DEVICE_DT_GET(node_id)), (NULL))
#define DEVICE_DT_GET_ANY(compat)                                                                                      \
	COND_CODE_1(DT_HAS_COMPAT_STATUS_OKAY(compat), (DEVICE_DT_GET(DT_COMPAT_GET_ANY_STATUS_OKAY(compat))), (NULL))
#define DEVICE_DT_GET_ONE(compat)                                                                                      \
	COND_CODE_1(DT_HAS_COMPAT_STATUS_OKAY(compat), (DEVICE_DT_GET(DT_COMPAT_GET_ANY_STATUS_OKAY(compat))),         \
		    (Z_PASTE(no_okay_node_of_compatible_, compat)))
#define DEVICE_DT_DEFINE(node_id, ...)                                                                                 \
	Z_DEVICE_EXPORT(node_id)                                                                                       \
	Z_DEVICE_DT_DEFINE(Z_DEVICE_DT_ID(node_id), DT_DEP_ORD_STR_SORTABLE(node_id), DEVICE_DT_DEFER(node_id),        \
			   DEVICE_DT_NAME(node_id), __VA_ARGS__)
#define DEVICE_DT_DEFER(node_id) DT_PROP_OR(node_id, zephyr_deferred_init, 0)
#define DEVICE_DT_INST_DEFINE(inst, ...) DEVICE_DT_DEFINE(DT_DRV_INST(inst), __VA_ARGS__)
#define Z_DEVICE_DT_DEFINE(...) Z_DEVICE_DEFINE(__VA_ARGS__)
#if defined(LL_EXTENSION_BUILD) && defined(CONFIG_LLEXT_EXPORT_DEV_IDS_BY_HASH)
#define Z_DEVICE_DT_ID(node_id) Z_DEVICE_DT_HASH(node_id)
#else
#define Z_DEVICE_DT_ID(node_id) Z_PASTE(dts_ord_, DT_DEP_ORD(node_id))
#endif
#define Z_DEVICE_DT_HASH(node_id) Z_PASTE(dts_, DT_NODE_HASH(node_id))
#define Z_DEVICE_DT_DECLARE(node_id) extern const struct device DEVICE_DT_NAME_GET(node_id);
DT_FOREACH_STATUS_OKAY_NODE(Z_DEVICE_DT_DECLARE)

/* Tables of driver functions, by class. */
#define DEVICE_API(api_class, name) const STRUCT_SECTION_ITERABLE(CONCAT(api_class, _driver_api), name)
#define DEVICE_API_GET(api_class, dev) ((const struct CONCAT(api_class, _driver_api) *)(dev)->api)

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_DEVICE_H_ */
