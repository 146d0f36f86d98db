/* SPDX-License-Identifier: Apache-2.0
 *
 * A weather station: text reports come in, readings are kept, summed up and shown.
 */
#ifndef STATION_H_
#define STATION_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum quantity { TEMPERATURE, HUMIDITY, PRESSURE, WIND, QUANTITIES };

/* One reading: thousandths of the quantity's unit. */
struct reading {
	enum quantity quantity;
	int32_t milli;
};

/* Parses "T=21.5" and the like; an expression in parentheses is computed: "P=(1000+13.25)". */
bool parse_reading(const char *text, struct reading *reading);

/* What a quantity is called and how its readings become other units. */
struct unit {
	char letter;
	const char *name;
	const char *symbol;
	float (*other)(float value);
	const char *other_symbol;
};
extern const struct unit units[QUANTITIES];

/* The last readings of each quantity, and sums over all of them. */
void history_add(const struct reading *reading);
int history_count(enum quantity quantity);
int32_t history_median(enum quantity quantity);
int64_t history_sum(enum quantity quantity);
uint64_t history_energy(enum quantity quantity);

#endif /* STATION_H_ */
