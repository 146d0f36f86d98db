/* SPDX-License-Identifier: Apache-2.0 */
#ifndef START_H_
#define START_H_

#include <stddef.h>

#define START_STEPS 5

extern const char *start_steps[START_STEPS];
extern size_t start_count;

#endif
