/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

uint32_t millikelvin(int32_t celsius);
uint32_t signed_millikelvin(int32_t celsius);
extern const char units_banner[];
