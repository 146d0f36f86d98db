/* SPDX-License-Identifier: Apache-2.0 */
#include <app_version.h>
#include <checksum.h>
#include <count.h>
#include <libraries/command.h>
#include <libraries/filter.h>
#include <string.h>
#include <parts.h>
#include <units.h>
#include <zephyr/version.h>
#include <zephyr/kernel.h>

#ifndef CONDITIONS_WORK
#error "if(CONFIG_...)"
#endif

const char *extra(void);
int port_read(int pin);
extern const int32_t table[];
extern const unsigned int table_length;

static int doubled(int value)
{
	return 2 * value;
}
COMMAND_DEFINE(doubled, doubled);

static void run_commands(void)
{
	int calls = 0;

	STRUCT_SECTION_FOREACH(command, command) {
		command->tally->calls += 2;
		printk("%s %d, ", command->name, command->run(21));
	}
	STRUCT_SECTION_FOREACH(tally, tally) {
		calls += tally->calls;
	}
	printk("%d calls\n", calls);
}

int main(void)
{
	struct filter filter = {0};

	printk("version %s, %d, %s\n", LIBRARIES_VERSION, ONLY_IN_APP, extra());
	printk("%s:", filter_kind());
	for (unsigned int i = 0; i < table_length; i++) {
		printk(" %d", filter_put(&filter, table[i]));
	}
	printk("\n%u mK, signed %u, port %d\n", millikelvin(25), signed_millikelvin(25), port_read(3));
	printk("checksum %02x\n", vendor_checksum("zephyr", strlen("zephyr")));
	printk("%s of kernel %d, %d parts of %d, up to %p\n", APP_VERSION_STRING, KERNEL_VERSION_MAJOR, parts(), PARTS_COUNT, parts_limit);
	run_commands();
	return 0;
}
