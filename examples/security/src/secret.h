/* SPDX-License-Identifier: Apache-2.0
 *
 * What firmware and extension agree on.
 */
#ifndef SECRET_H_
#define SECRET_H_

#include <stdint.h>

/* The real entry. No exported name leads to it. */
struct secret {
	int (*dose)(int weight);
	const char *rule;
};

/* The extension's only export, "security". Without an answer: writes a challenge of 16 bytes, 0. With one: the entry, if it is right
 * for the last challenge, which is used up by that; else -EACCES.
 */
typedef int (*security_fn)(uint8_t *challenge, const uint8_t *answer, const struct secret **entry);

#endif /* SECRET_H_ */
