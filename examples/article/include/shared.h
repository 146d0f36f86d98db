/* SPDX-License-Identifier: Apache-2.0 */
/* What main and extensions share. */
struct shared_info {
	int a;
	int b;
};
