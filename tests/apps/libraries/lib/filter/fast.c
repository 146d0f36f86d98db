/* SPDX-License-Identifier: Apache-2.0 */
#include <kind.h>
#include <libraries/filter.h>

#ifndef LIBRARIES_FAST
#error "zephyr_compile_definitions_ifdef"
#endif

const char *filter_kind(void)
{
	return "fast " KIND;
}
