/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIBRARIES_FILTER_H_
#define LIBRARIES_FILTER_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FILTER_LENGTH 4

struct filter {
	int32_t window[FILTER_LENGTH];
	size_t next;
};

int32_t filter_put(struct filter *filter, int32_t value);
const char *filter_kind(void);

#ifdef __cplusplus
}
#endif

#endif
