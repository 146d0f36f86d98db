/* SPDX-License-Identifier: Apache-2.0 */
#include <scale_table.h>

const int scale_table[4] = {1000, 2000, 3000, 4000};
