/* SPDX-License-Identifier: Apache-2.0 */
#include <shared_info.h>
#include <string.h>
#include <zephyr/llext/symbol.h>

void writer(void)
{
	s_info.b += s_info.a * 2;
	strcpy(s_info.text, "from extension");
	k_sem_give(s_info.done);
}
EXPORT_SYMBOL(writer);
