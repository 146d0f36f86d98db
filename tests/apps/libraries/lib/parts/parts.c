/* SPDX-License-Identifier: Apache-2.0 */
#include <zephyr/sys/util.h>

#include "parts.h"

const char *const part_names[] = {"one", "two"};

int parts(void)
{
	return ARRAY_SIZE(part_names);
}
