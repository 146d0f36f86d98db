/* SPDX-License-Identifier: Apache-2.0 */
#include <plugins/plugins.h>
#include <zephyr/llext/symbol.h>

int codec_encode(int value)
{
	plugin_calls++;
	return value ^ 0x55;
}
EXPORT_SYMBOL(codec_encode);
