/* SPDX-License-Identifier: Apache-2.0 */
#include <plugins/plugins.h>
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>

/* Calls the codec through the firmware, as it is not known when this is loaded. */
int filter_run(int value)
{
	int (*encode)(int) = plugin_function("codec", "codec_encode");

	plugin_calls++;
	return encode != NULL ? encode(value) / 2 : -ENOENT;
}
EXPORT_SYMBOL(filter_run);
