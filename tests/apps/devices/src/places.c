/* SPDX-License-Identifier: Apache-2.0 */
#include <zephyr/devicetree.h>
#include <zephyr/kernel.h>
#include <zephyr/storage/flash_map.h>

void show_places(void);

#define STORAGE DT_NODELABEL(storage_partition)

void show_places(void)
{
	printk("baud %d, %s\n", DT_PROP(DT_CHOSEN(zephyr_console), current_speed), DT_PROP(DT_PATH(zephyr_user), greeting));
	printk("storage %s, id %d is %d, in flash %d\n", DT_PROP(STORAGE, label), DT_FIXED_PARTITION_EXISTS(STORAGE),
	       DT_FIXED_PARTITION_ID(STORAGE) == FIXED_PARTITION_ID(storage_partition),
	       DT_REG_ADDR(STORAGE) + DT_REG_SIZE(STORAGE) <= DT_REG_SIZE(DT_CHOSEN(zephyr_flash)));
	printk("CMake: %s\n", FROM_CMAKE);
	printk("%d at %d\n", FIXED_PARTITION_SIZE(storage_partition) == DT_REG_SIZE(STORAGE),
	       FIXED_PARTITION_OFFSET(storage_partition) == DT_REG_ADDR(STORAGE));
}
