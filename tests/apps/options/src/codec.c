/* SPDX-License-Identifier: Apache-2.0 */
#include <zephyr/llext/symbol.h>

int codec(int value);

int codec(int value)
{
#ifdef LL_EXTENSION_BUILD
	return value << 4;
#else
	return value << 8;
#endif
}
LL_EXTENSION_SYMBOL(codec);
