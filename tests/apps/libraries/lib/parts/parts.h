/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

int parts(void);
extern char parts_limit[];
