/* SPDX-License-Identifier: Apache-2.0 */
#include <api.h>
#include <zephyr/llext/symbol.h>

static int run(int value)
{
	return -value;
}

const struct api plain_api = {.name = "UNMARK", .run = run};
EXPORT_SYMBOL_NAMED(plain_api, api);
