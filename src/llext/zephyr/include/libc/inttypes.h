/* SPDX-License-Identifier: Apache-2.0
 *
 * Formats of the fixed-width integer types (C11 7.8), for printing and for reading, and functions of the widest. 32-bit types are int with both
 * compilers; where their least and fast types differ, so do the formats.
 */
#ifndef LLEXT_LIBC_INTTYPES_H_
#define LLEXT_LIBC_INTTYPES_H_

#include <stdint.h>

/* Length modifiers */
#ifdef __clang__
#define Z_LEAST32
#define Z_FAST8 "hh"
#define Z_FAST16 "h"
#else
#define Z_LEAST32 "l"
#define Z_FAST8
#define Z_FAST16
#endif

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
#define PRIdLEAST8 "hhd"
#define PRIiLEAST8 "hhi"
#define PRIoLEAST8 "hho"
#define PRIuLEAST8 "hhu"
#define PRIxLEAST8 "hhx"
#define PRIXLEAST8 "hhX"
#define PRIdLEAST16 "hd"
#define PRIiLEAST16 "hi"
#define PRIoLEAST16 "ho"
#define PRIuLEAST16 "hu"
#define PRIxLEAST16 "hx"
#define PRIXLEAST16 "hX"
#define PRIdLEAST32 Z_LEAST32 "d"
#define PRIiLEAST32 Z_LEAST32 "i"
#define PRIoLEAST32 Z_LEAST32 "o"
#define PRIuLEAST32 Z_LEAST32 "u"
#define PRIxLEAST32 Z_LEAST32 "x"
#define PRIXLEAST32 Z_LEAST32 "X"
#define PRIdLEAST64 "lld"
#define PRIiLEAST64 "lli"
#define PRIoLEAST64 "llo"
#define PRIuLEAST64 "llu"
#define PRIxLEAST64 "llx"
#define PRIXLEAST64 "llX"
#define PRIdFAST8 Z_FAST8 "d"
#define PRIiFAST8 Z_FAST8 "i"
#define PRIoFAST8 Z_FAST8 "o"
#define PRIuFAST8 Z_FAST8 "u"
#define PRIxFAST8 Z_FAST8 "x"
#define PRIXFAST8 Z_FAST8 "X"
#define PRIdFAST16 Z_FAST16 "d"
#define PRIiFAST16 Z_FAST16 "i"
#define PRIoFAST16 Z_FAST16 "o"
#define PRIuFAST16 Z_FAST16 "u"
#define PRIxFAST16 Z_FAST16 "x"
#define PRIXFAST16 Z_FAST16 "X"
#define PRIdFAST32 "d"
#define PRIiFAST32 "i"
#define PRIoFAST32 "o"
#define PRIuFAST32 "u"
#define PRIxFAST32 "x"
#define PRIXFAST32 "X"
#define PRIdFAST64 "lld"
#define PRIiFAST64 "lli"
#define PRIoFAST64 "llo"
#define PRIuFAST64 "llu"
#define PRIxFAST64 "llx"
#define PRIXFAST64 "llX"
#define PRIdMAX "lld"
#define PRIiMAX "lli"
#define PRIoMAX "llo"
#define PRIuMAX "llu"
#define PRIxMAX "llx"
#define PRIXMAX "llX"
#define PRIdPTR "d"
#define PRIiPTR "i"
#define PRIoPTR "o"
#define PRIuPTR "u"
#define PRIxPTR "x"
#define PRIXPTR "X"

#define SCNd8 "hhd"
#define SCNi8 "hhi"
#define SCNo8 "hho"
#define SCNu8 "hhu"
#define SCNx8 "hhx"
#define SCNd16 "hd"
#define SCNi16 "hi"
#define SCNo16 "ho"
#define SCNu16 "hu"
#define SCNx16 "hx"
#define SCNd32 "d"
#define SCNi32 "i"
#define SCNo32 "o"
#define SCNu32 "u"
#define SCNx32 "x"
#define SCNd64 "lld"
#define SCNi64 "lli"
#define SCNo64 "llo"
#define SCNu64 "llu"
#define SCNx64 "llx"
#define SCNdLEAST8 "hhd"
#define SCNiLEAST8 "hhi"
#define SCNoLEAST8 "hho"
#define SCNuLEAST8 "hhu"
#define SCNxLEAST8 "hhx"
#define SCNdLEAST16 "hd"
#define SCNiLEAST16 "hi"
#define SCNoLEAST16 "ho"
#define SCNuLEAST16 "hu"
#define SCNxLEAST16 "hx"
#define SCNdLEAST32 Z_LEAST32 "d"
#define SCNiLEAST32 Z_LEAST32 "i"
#define SCNoLEAST32 Z_LEAST32 "o"
#define SCNuLEAST32 Z_LEAST32 "u"
#define SCNxLEAST32 Z_LEAST32 "x"
#define SCNdLEAST64 "lld"
#define SCNiLEAST64 "lli"
#define SCNoLEAST64 "llo"
#define SCNuLEAST64 "llu"
#define SCNxLEAST64 "llx"
#define SCNdFAST8 Z_FAST8 "d"
#define SCNiFAST8 Z_FAST8 "i"
#define SCNoFAST8 Z_FAST8 "o"
#define SCNuFAST8 Z_FAST8 "u"
#define SCNxFAST8 Z_FAST8 "x"
#define SCNdFAST16 Z_FAST16 "d"
#define SCNiFAST16 Z_FAST16 "i"
#define SCNoFAST16 Z_FAST16 "o"
#define SCNuFAST16 Z_FAST16 "u"
#define SCNxFAST16 Z_FAST16 "x"
#define SCNdFAST32 "d"
#define SCNiFAST32 "i"
#define SCNoFAST32 "o"
#define SCNuFAST32 "u"
#define SCNxFAST32 "x"
#define SCNdFAST64 "lld"
#define SCNiFAST64 "lli"
#define SCNoFAST64 "llo"
#define SCNuFAST64 "llu"
#define SCNxFAST64 "llx"
#define SCNdMAX "lld"
#define SCNiMAX "lli"
#define SCNoMAX "llo"
#define SCNuMAX "llu"
#define SCNxMAX "llx"
#define SCNdPTR "d"
#define SCNiPTR "i"
#define SCNoPTR "o"
#define SCNuPTR "u"
#define SCNxPTR "x"

typedef struct {
	intmax_t quot;
	intmax_t rem;
} imaxdiv_t;

#ifdef __cplusplus
extern "C" {
#endif

intmax_t imaxabs(intmax_t value);
imaxdiv_t imaxdiv(intmax_t value, intmax_t by);
intmax_t strtoimax(const char *__restrict text, char **__restrict end, int base);
uintmax_t strtoumax(const char *__restrict text, char **__restrict end, int base);

#ifdef __cplusplus
}
#endif

#endif /* LLEXT_LIBC_INTTYPES_H_ */
