/* SPDX-License-Identifier: Apache-2.0 */
#ifndef API_H_
#define API_H_

struct api {
	const char *name;
	int (*run)(int value);
};

#endif
