/* SPDX-License-Identifier: Apache-2.0
 *
 * Flash memory that a program writes.
 */
#ifndef ZEPHYR_INCLUDE_DRIVERS_FLASH_H_
#define ZEPHYR_INCLUDE_DRIVERS_FLASH_H_

#error "CONFIG_FLASH is not there yet on the virtual board, and neither is <zephyr/drivers/flash.h>"

#endif /* ZEPHYR_INCLUDE_DRIVERS_FLASH_H_ */
