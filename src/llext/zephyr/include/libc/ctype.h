/* SPDX-License-Identifier: Apache-2.0
 *
 * Classes of characters, for the C locale (C11 7.4).
 */
#ifndef LLEXT_LIBC_CTYPE_H_
#define LLEXT_LIBC_CTYPE_H_

#ifdef __cplusplus
extern "C" {
#endif

int isalnum(int c);
int isalpha(int c);
int isblank(int c);
int iscntrl(int c);
int isdigit(int c);
int isgraph(int c);
int islower(int c);
int isprint(int c);
int ispunct(int c);
int isspace(int c);
int isupper(int c);
int isxdigit(int c);
int tolower(int c);
int toupper(int c);

#ifdef __cplusplus
}
#endif

#endif /* LLEXT_LIBC_CTYPE_H_ */
