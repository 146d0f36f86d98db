/* SPDX-License-Identifier: Apache-2.0
 *
 * A sensor hub: what the firmware offers its extensions.
 */
#ifndef HUB_H_
#define HUB_H_

#include <stdint.h>

int32_t hub_temperature_get(void);
int32_t hub_humidity_get(void);
int32_t hub_pressure_get(void);
int32_t hub_illuminance_get(void);
int32_t hub_carbon_dioxide_get(void);
int32_t hub_battery_millivolts_get(void);
int32_t hub_signal_strength_get(void);
int32_t hub_acceleration_x_get(void);
int32_t hub_acceleration_y_get(void);
int32_t hub_acceleration_z_get(void);
void hub_alarm_threshold_set(int32_t value);
int32_t hub_alarm_threshold_get(void);

#endif /* HUB_H_ */
