/* SPDX-License-Identifier: Apache-2.0
 *
 * setjmp and longjmp (C11 7.13): registers that a function keeps, stack and return address. musl's ask Linux which
 * registers there are, and do not assemble for small CPUs.
 */
	.macro function name
	.section .text.\name, "ax", %progbits
	.balign 4
	.global \name
	.type \name, %function
\name:
	.endm

	.macro done name
	.size \name, . - \name
	.endm

#ifdef __riscv

	.macro each instruction
#ifdef __riscv_32e
	.irp register, ra, sp, s0, s1
#else
	.irp register, ra, sp, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11
#endif
	\instruction \register, at(a0)
	.set at, at + 4
	.endr
	.endm

	.set at, 0
	function setjmp
	each sw
	li a0, 0
	ret
	done setjmp

	.set at, 0
	function longjmp
	each lw
	seqz a0, a1
	add a0, a0, a1
	ret
	done longjmp

#ifndef __riscv_float_abi_soft
#error "nobody keeps the floating-point registers"
#endif

#else

	.syntax unified
	.thumb

	/* Of Thumb-1 there are: r4-r7 in one go, the others by way of these. */
	function setjmp
#ifdef __thumb2__
	mov r2, sp
	stmia r0!, {r4-r11}
	stmia r0!, {r2, lr}
#ifdef __ARM_PCS_VFP
	vstmia r0, {d8-d15}
#endif
#else
	stmia r0!, {r4-r7}
	mov r1, r8
	mov r2, r9
	mov r3, r10
	stmia r0!, {r1-r3}
	mov r1, r11
	mov r2, sp
	mov r3, lr
	stmia r0!, {r1-r3}
#endif
	movs r0, #0
	bx lr
	done setjmp

	function longjmp
#ifdef __thumb2__
	ldmia r0!, {r4-r11}
	ldmia r0!, {r2, lr}
	mov sp, r2
#ifdef __ARM_PCS_VFP
	vldmia r0, {d8-d15}
#endif
#else
	adds r0, r0, #16
	ldmia r0!, {r2-r4}
	mov r8, r2
	mov r9, r3
	mov r10, r4
	ldmia r0!, {r2-r4}
	mov r11, r2
	mov sp, r3
	mov lr, r4
	subs r0, r0, #40
	ldmia r0!, {r4-r7}
#endif
	movs r0, r1
	bne 1f
	movs r0, #1
1:	bx lr
	done longjmp

#endif
