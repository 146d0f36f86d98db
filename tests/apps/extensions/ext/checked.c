/* SPDX-License-Identifier: Apache-2.0 */
#include <api.h>
#include <zephyr/llext/symbol.h>

static int run(int value)
{
	return value + OF_SOURCE * 10 + OF_LIBRARY;
}

const struct api checked_api = {.name = "checked", .run = run};
EXPORT_SYMBOL_NAMED(checked_api, api);
