/* SPDX-License-Identifier: Apache-2.0 */
#include <plugins/plugins.h>
#include <zephyr/kernel.h>
#include <zephyr/llext/symbol.h>
#include <zephyr/logging/log.h>

LOG_MODULE_REGISTER(user, LOG_LEVEL_INF);

static K_SEM_DEFINE(unused, 0, 1);

/* Calls the codec, which is loaded already, by its name. */
void user_run(void)
{
	LOG_INF("encoded %d", codec_encode(1));
	plugin_say("%s has %d, %s\n", "user", codec_encode(2), "varargs too");
	k_sem_init(&unused, 1, 1);
	plugin_say("sem %u\n", k_sem_count_get(&unused));
}
EXPORT_SYMBOL(user_run);
