/* SPDX-License-Identifier: Apache-2.0
 *
 * Parts of flashes by their labels: numbers, offsets and sizes in bytes, and the device that writes them.
 */
#ifndef ZEPHYR_INCLUDE_STORAGE_FLASH_MAP_H_
#define ZEPHYR_INCLUDE_STORAGE_FLASH_MAP_H_

#include <zephyr/device.h>
#include <zephyr/devicetree.h>

#define FIXED_PARTITION_EXISTS(label) DT_FIXED_PARTITION_EXISTS(DT_NODELABEL(label))
#define FIXED_PARTITION_ID(label) DT_FIXED_PARTITION_ID(DT_NODELABEL(label))
#define FIXED_PARTITION_OFFSET(label) DT_REG_ADDR(DT_NODELABEL(label))
#define FIXED_PARTITION_ADDRESS(label) DT_FIXED_PARTITION_ADDR(DT_NODELABEL(label))
#define FIXED_PARTITION_SIZE(label) DT_REG_SIZE(DT_NODELABEL(label))
#define FIXED_PARTITION_DEVICE(label) DEVICE_DT_GET(DT_MTD_FROM_FIXED_PARTITION(DT_NODELABEL(label)))
#define FIXED_PARTITION_NODE_OFFSET(node) DT_REG_ADDR(node)
#define FIXED_PARTITION_NODE_ADDRESS(node) DT_FIXED_PARTITION_ADDR(node)
#define FIXED_PARTITION_NODE_SIZE(node) DT_REG_SIZE(node)
#define FIXED_PARTITION_NODE_DEVICE(node) DEVICE_DT_GET(DT_MTD_FROM_FIXED_PARTITION(node))

/* Descriptions of areas, which flash_area_read and the like take. */
#define FIXED_PARTITION(label) Z_NO_FLASH_AREAS
#define FIXED_PARTITION_BY_NODE(node) Z_NO_FLASH_AREAS
#define Z_NO_FLASH_AREAS CONFIG_FLASH_MAP_is_not_there_yet_on_the_virtual_board

#endif /* ZEPHYR_INCLUDE_STORAGE_FLASH_MAP_H_ */
