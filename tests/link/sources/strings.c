#include <stdio.h>
#include <string.h>
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>
static char line[64] = "start";
int describe(const char *name, int n)
{
	snprintf(line, sizeof(line), "%s has %d", name, n);
	printk("%s\n", line);
	return (int)strlen(line) + strcmp(name, "abc") * 0 + (strchr(line, 'h') != NULL);
}
EXPORT_SYMBOL(describe);
EXPORT_SYMBOL(line);
