/* SPDX-License-Identifier: Apache-2.0 */
#include <plugins/plugins.h>
#include <stdarg.h>
#include <zephyr/llext/llext.h>
#include <zephyr/sys/printk.h>

int plugin_calls;
EXPORT_SYMBOL(plugin_calls);

const void *plugin_function(const char *plugin, const char *name)
{
	struct llext *ext = llext_by_name(plugin);

	return ext != NULL ? llext_find_sym(&ext->exp_tab, name) : NULL;
}
EXPORT_SYMBOL(plugin_function);

void plugin_say(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vprintk(format, arguments);
	va_end(arguments);
}
EXPORT_SYMBOL(plugin_say);
