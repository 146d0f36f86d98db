/* SPDX-License-Identifier: Apache-2.0
 *
 * What firmware and extensions call of each other. Both include it, so that the compiler checks both against it.
 */
#ifndef PLANT_H
#define PLANT_H

#include <stdbool.h>
#include <stddef.h>

/* The firmware has these; EXPORT_SYMBOL there makes them callable. */
extern int temperature_read(void);
extern void heater_set(bool on);
extern void for_each_reading(void (*visit)(int tenths, void *data), void *data);
extern const int temperature_limit;

/* An extension may have these; main finds them by name. A pointer says what type a name's function has. */
typedef void (*control_fn)(int target);
typedef int (*average_fn)(void);

#endif
