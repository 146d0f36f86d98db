/* SPDX-License-Identifier: Apache-2.0 */
#include <zephyr/devicetree.h>

	.section .rodata.units_banner, "a", %progbits
	.globl units_banner
	.type units_banner, %object
units_banner:
	.asciz "units, in assembler"
	.size units_banner, . - units_banner
