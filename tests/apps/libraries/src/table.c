/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <zephyr/sys/util.h>

const int32_t table[] = {4, 8, 12, 16, 40};
const unsigned int table_length = ARRAY_SIZE(table);
