/* SPDX-License-Identifier: Apache-2.0 */
const char *extra(void);

const char *extra(void)
{
	return "extra";
}
