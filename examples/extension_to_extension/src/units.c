/* SPDX-License-Identifier: Apache-2.0
 *
 * Does something for other extensions.
 */
#include <zephyr/llext/symbol.h>

#include "units.h"

static const int offset = 500;

int to_tenths(int raw)
{
	return (raw - offset) / 5;
}
EXPORT_SYMBOL(to_tenths);
