/* SPDX-License-Identifier: Apache-2.0
 *
 * AES with keys of 128 bits (FIPS 197), forwards, and counter mode (SP 800-38A, 6.5), which needs no more. Small, not fast; its
 * time depends on data through the cache of a CPU that has one.
 */
#ifndef AES_H_
#define AES_H_

#include <stddef.h>
#include <stdint.h>

/* Encrypts a block of 16 bytes in place. */
void aes_encrypt(const uint8_t *key, uint8_t *block);

/* Encrypts or decrypts, which is the same. The counter is 16 bytes, the most significant first, and is counted up. */
void aes_ctr(const uint8_t *key, uint8_t *counter, const uint8_t *in, uint8_t *out, size_t size);

#endif /* AES_H_ */
