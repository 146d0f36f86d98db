/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of the linker's regions and sections for memory regions of the devicetree (zephyr,memory-region), as string and token.
 * For variables: Z_GENERIC_SECTION(LINKER_DT_NODE_REGION_NAME(DT_NODELABEL(label))).
 */
#ifndef ZEPHYR_INCLUDE_LINKER_DEVICETREE_REGIONS_H_
#define ZEPHYR_INCLUDE_LINKER_DEVICETREE_REGIONS_H_

#include <zephyr/devicetree.h>
#include <zephyr/sys/util_macro.h>

#define LINKER_DT_NODE_REGION_NAME_TOKEN(node_id) DT_STRING_TOKEN(node_id, zephyr_memory_region)
#define LINKER_DT_NODE_REGION_NAME(node_id) STRINGIFY(LINKER_DT_NODE_REGION_NAME_TOKEN(node_id))

#endif /* ZEPHYR_INCLUDE_LINKER_DEVICETREE_REGIONS_H_ */
