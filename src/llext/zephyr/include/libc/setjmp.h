/* SPDX-License-Identifier: Apache-2.0
 *
 * Jumps out of functions (C11 7.13), within one thread. The buffer has room for the registers of every CPU of an
 * instruction set that a function keeps, so that it does not depend on how an extension is compiled.
 */
#ifndef LLEXT_LIBC_SETJMP_H_
#define LLEXT_LIBC_SETJMP_H_

#ifdef __riscv
#define Z_JMP_DOUBLES 19
#else
#define Z_JMP_DOUBLES 13
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef unsigned long long jmp_buf[Z_JMP_DOUBLES] __attribute__((__aligned__(8)));

int setjmp(jmp_buf environment) __attribute__((__returns_twice__));
void longjmp(jmp_buf environment, int value) __attribute__((__noreturn__));

#ifdef __cplusplus
}
#endif

/* C asks for a macro. */
#define setjmp(environment) setjmp(environment)

#endif /* LLEXT_LIBC_SETJMP_H_ */
