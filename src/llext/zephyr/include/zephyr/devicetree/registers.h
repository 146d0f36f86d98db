/* SPDX-License-Identifier: Apache-2.0
 *
 * Addresses and sizes in bytes of a node's registers, and its interrupts. Addresses are the CPU's, where buses translate.
 */
#ifndef ZEPHYR_INCLUDE_DEVICETREE_REGISTERS_H_
#define ZEPHYR_INCLUDE_DEVICETREE_REGISTERS_H_

#define DT_NUM_REGS(node_id) DT_CAT(node_id, _REG_NUM)
#define DT_REG_HAS_IDX(node_id, idx) IS_ENABLED(DT_CAT4(node_id, _REG_, idx, _EXISTS))
#define DT_REG_HAS_NAME(node_id, name) IS_ENABLED(DT_CAT4(node_id, _REG_NAME_, name, _EXISTS))
#define DT_REG_ADDR_BY_IDX(node_id, idx) DT_CAT4(node_id, _REG_, idx, _ADDR)
#define DT_REG_SIZE_BY_IDX(node_id, idx) DT_CAT4(node_id, _REG_, idx, _SIZE)
#define DT_REG_ADDR(node_id) DT_REG_ADDR_BY_IDX(node_id, 0)
#define DT_REG_SIZE(node_id) DT_REG_SIZE_BY_IDX(node_id, 0)
#define DT_REG_ADDR_RAW(node_id) DT_REG_ADDR(node_id)
#define DT_REG_ADDR_U64(node_id) Z_PASTE(DT_REG_ADDR(node_id), ULL)
#define DT_REG_ADDR_BY_NAME(node_id, name) DT_CAT4(node_id, _REG_NAME_, name, _ADDR)
#define DT_REG_SIZE_BY_NAME(node_id, name) DT_CAT4(node_id, _REG_NAME_, name, _SIZE)
#define DT_REG_ADDR_BY_NAME_OR(node_id, name, default_value)                                                           \
	Z_DT_OR(DT_REG_HAS_NAME(node_id, name), DT_REG_ADDR_BY_NAME(node_id, name), default_value)
#define DT_REG_SIZE_BY_NAME_OR(node_id, name, default_value)                                                           \
	Z_DT_OR(DT_REG_HAS_NAME(node_id, name), DT_REG_SIZE_BY_NAME(node_id, name), default_value)

#define DT_REG_ADDR_BY_NAME_U64(node_id, name) Z_PASTE(DT_REG_ADDR_BY_NAME(node_id, name), ULL)

/* What of the bus below is seen where on the bus above. */
#define DT_NUM_RANGES(node_id) DT_CAT(node_id, _RANGES_NUM)
#define DT_RANGES_HAS_IDX(node_id, idx) IS_ENABLED(DT_CAT4(node_id, _RANGES_, idx, _EXISTS))
#define DT_RANGES_HAS_CHILD_BUS_FLAGS_AT_IDX(node_id, idx) 0
#define DT_RANGES_CHILD_BUS_ADDRESS_BY_IDX(node_id, idx) DT_CAT4(node_id, _RANGES_, idx, _CHILD)
#define DT_RANGES_PARENT_BUS_ADDRESS_BY_IDX(node_id, idx) DT_CAT4(node_id, _RANGES_, idx, _PARENT)
#define DT_RANGES_LENGTH_BY_IDX(node_id, idx) DT_CAT4(node_id, _RANGES_, idx, _LENGTH)

#define DT_NUM_IRQS(node_id) DT_CAT(node_id, _IRQ_NUM)
#define DT_IRQ_HAS_IDX(node_id, idx) IS_ENABLED(DT_CAT4(node_id, _IRQ_, idx, _EXISTS))
#define DT_IRQ_HAS_NAME(node_id, name) IS_ENABLED(DT_CAT4(node_id, _IRQ_NAME_, name, _EXISTS))
#define DT_IRQ_HAS_CELL_AT_IDX(node_id, idx, cell) IS_ENABLED(DT_CAT6(node_id, _IRQ_, idx, _CELL_, cell, _EXISTS))
#define DT_IRQ_HAS_CELL(node_id, cell) DT_IRQ_HAS_CELL_AT_IDX(node_id, 0, cell)
#define DT_IRQ_BY_IDX(node_id, idx, cell) DT_CAT5(node_id, _IRQ_, idx, _CELL_, cell)
#define DT_IRQ_BY_NAME(node_id, name, cell) DT_CAT5(node_id, _IRQ_NAME_, name, _CELL_, cell)
#define DT_IRQ_INTC_BY_IDX(node_id, idx) DT_CAT4(node_id, _IRQ_, idx, _CONTROLLER)
#define DT_IRQ_INTC(node_id) DT_IRQ_INTC_BY_IDX(node_id, 0)
#define DT_IRQ_INTC_BY_NAME(node_id, name) DT_CAT4(node_id, _IRQ_NAME_, name, _CONTROLLER)
#define DT_IRQ(node_id, cell) DT_IRQ_BY_IDX(node_id, 0, cell)
#define DT_IRQN_BY_IDX(node_id, idx) DT_IRQ_BY_IDX(node_id, idx, irq)
#define DT_IRQN(node_id) DT_IRQN_BY_IDX(node_id, 0)

#endif /* ZEPHYR_INCLUDE_DEVICETREE_REGISTERS_H_ */
