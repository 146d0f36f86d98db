/* SPDX-License-Identifier: Apache-2.0
 *
 * The extension. Its functions are static, so that llext_find_sym finds none of them; one export decides who gets them.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <zephyr/llext/symbol.h>
#include <zephyr/random/random.h>
#include "aes.h"
#include "keys.h"
#include "secret.h"

static const uint8_t key[16] = CALLER_KEY;
static uint8_t expected[16];
static bool waiting;

static int dose(int weight)
{
	const int units = 7 * weight / 5;

	return units < 100 ? units : 100;
}

static const struct secret secret = {dose, "at most 100 units"};

int security(uint8_t *challenge, const uint8_t *answer, const struct secret **entry)
{
	uint8_t difference = waiting ? 0 : 1;

	*entry = NULL;
	if (answer == NULL) {
		sys_rand_get(challenge, sizeof(expected));
		memcpy(expected, challenge, sizeof(expected));
		aes_encrypt(key, expected);
		waiting = true;
		return 0;
	}
	waiting = false;
	for (size_t at = 0; at < sizeof(expected); at++) {
		difference |= answer[at] ^ expected[at];
	}
	if (difference != 0) {
		return -EACCES;
	}
	*entry = &secret;
	return 0;
}
EXPORT_SYMBOL(security);
