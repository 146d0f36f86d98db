/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLUGINS_H_
#define PLUGINS_H_

/* Of the firmware: the address of what a plugin exports. */
const void *plugin_function(const char *plugin, const char *name);
void plugin_say(const char *format, ...);
extern int plugin_calls;

/* Of the codec, for other plugins. */
int codec_encode(int value);

#endif
