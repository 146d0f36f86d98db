/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIBRARIES_COMMAND_H_
#define LIBRARIES_COMMAND_H_

#include <zephyr/sys/iterable_sections.h>

struct tally {
	int calls;
};

struct command {
	const char *name;
	struct tally *tally;
	int (*run)(int value);
};

#define COMMAND_DEFINE(name_, run_)                                                                                    \
	STRUCT_SECTION_ITERABLE(tally, tally_##name_);                                                                 \
	const STRUCT_SECTION_ITERABLE(command, command_##name_) = {.name = #name_, .tally = &tally_##name_, .run = run_}

#endif
