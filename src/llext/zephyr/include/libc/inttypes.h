/* SPDX-License-Identifier: Apache-2.0
 *
 * Formats of the fixed-width integer types (C11 7.8): 32-bit ones are int here, with both compilers.
 */
#ifndef LLEXT_LIBC_INTTYPES_H_
#define LLEXT_LIBC_INTTYPES_H_

#include <stdint.h>

#define PRId8 "hhd"
#define PRIi8 "hhi"
#define PRIo8 "hho"
#define PRIu8 "hhu"
#define PRIx8 "hhx"
#define PRIX8 "hhX"
#define PRId16 "hd"
#define PRIi16 "hi"
#define PRIo16 "ho"
#define PRIu16 "hu"
#define PRIx16 "hx"
#define PRIX16 "hX"
#define PRId32 "d"
#define PRIi32 "i"
#define PRIo32 "o"
#define PRIu32 "u"
#define PRIx32 "x"
#define PRIX32 "X"
#define PRId64 "lld"
#define PRIi64 "lli"
#define PRIo64 "llo"
#define PRIu64 "llu"
#define PRIx64 "llx"
#define PRIX64 "llX"
#define PRIdPTR "d"
#define PRIdMAX "lld"
#define PRIiPTR "i"
#define PRIiMAX "lli"
#define PRIoPTR "o"
#define PRIoMAX "llo"
#define PRIuPTR "u"
#define PRIuMAX "llu"
#define PRIxPTR "x"
#define PRIxMAX "llx"
#define PRIXPTR "X"
#define PRIXMAX "llX"

#endif /* LLEXT_LIBC_INTTYPES_H_ */
