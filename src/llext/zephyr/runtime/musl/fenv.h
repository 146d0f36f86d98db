/* SPDX-License-Identifier: Apache-2.0
 *
 * What musl's sources ask of the floating-point environment: there is none, one rounding direction and no flags.
 */
#ifndef LLEXT_RUNTIME_FENV_H_
#define LLEXT_RUNTIME_FENV_H_

#define FE_ALL_EXCEPT 0
#define FE_TONEAREST 0

static inline int fegetround(void)
{
	return FE_TONEAREST;
}

#endif /* LLEXT_RUNTIME_FENV_H_ */
