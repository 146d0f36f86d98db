/* SPDX-License-Identifier: Apache-2.0 */
#include <api.h>
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

static int sum = SUM_START;

static int run(int value)
{
	static int calls;

	calls++;
	sum += value;
	return sum * 10 + calls;
}

const struct api sum_api = {.name = "sum", .run = run};
EXPORT_SYMBOL_NAMED(sum_api, api);
