/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks of arguments: CHECKIF(wrong) { return -EINVAL; } as an if, as an assertion, or as nothing.
 */
#ifndef ZEPHYR_INCLUDE_SYS_CHECK_H_
#define ZEPHYR_INCLUDE_SYS_CHECK_H_

#include <zephyr/sys/__assert.h>

#if IS_ENABLED(CONFIG_ASSERT_ON_ERRORS)
#define CHECKIF(wrong)                                                                                                 \
	__ASSERT_NO_MSG(!(wrong));                                                                                     \
	if (0)
#elif IS_ENABLED(CONFIG_NO_RUNTIME_CHECKS)
#define CHECKIF(wrong) if (0)
#else
#define CHECKIF(wrong) if (wrong)
#endif

#endif /* ZEPHYR_INCLUDE_SYS_CHECK_H_ */
