/* SPDX-License-Identifier: Apache-2.0
 *
 * Units: a table with names and functions.
 */
#include "station.h"

static float to_fahrenheit(float celsius)
{
	return celsius * 1.8f + 32.0f;
}

static float to_fraction(float percent)
{
	return percent / 100.0f;
}

static float to_mercury(float hectopascal)
{
	return hectopascal * 0.75006158f;
}

static float to_knots(float metres_a_second)
{
	return metres_a_second * 1.9438445f;
}

const struct unit units[QUANTITIES] = {
	{'T', "temperature", "C", to_fahrenheit, "F"},
	{'H', "humidity", "%", to_fraction, "of 1"},
	{'P', "pressure", "hPa", to_mercury, "mmHg"},
	{'W', "wind", "m/s", to_knots, "kn"},
};
