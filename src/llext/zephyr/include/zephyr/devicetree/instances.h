/* SPDX-License-Identifier: Apache-2.0
 *
 * The same for drivers: their nodes by number, of the compatible that DT_DRV_COMPAT is defined as. Nodes that are okay have
 * the first numbers.
 */
#ifndef ZEPHYR_INCLUDE_DEVICETREE_INSTANCES_H_
#define ZEPHYR_INCLUDE_DEVICETREE_INSTANCES_H_

#define DT_DRV_INST(inst) DT_INST(inst, DT_DRV_COMPAT)
#define DT_INST_FOREACH_STATUS_OKAY(fn) Z_DT_EACH_OF(DT_DRV_COMPAT, _EACH_INST)(fn)
#define DT_INST_FOREACH_STATUS_OKAY_VARGS(fn, ...) Z_DT_EACH_OF(DT_DRV_COMPAT, _EACH_INST_VARGS)(fn, __VA_ARGS__)
#define DT_ANY_INST_HAS_PROP_STATUS_OKAY(prop) DT_ANY_COMPAT_HAS_PROP_STATUS_OKAY(DT_DRV_COMPAT, prop)
#define DT_ANY_INST_HAS_BOOL_STATUS_OKAY(prop) IS_ENABLED(Z_DT_ANY_TRUE(DT_DRV_COMPAT, prop))
#define Z_DT_ANY_TRUE(compat, prop) DT_CAT4(DTK_, compat, _ANY_TRUE_, prop)

#define DT_INST_PARENT(inst) DT_PARENT(DT_DRV_INST(inst))
#define DT_INST_GPARENT(inst) DT_GPARENT(DT_DRV_INST(inst))
#define DT_INST_DEP_ORD(inst) DT_DEP_ORD(DT_DRV_INST(inst))
#define DT_INST_NUM_REGS(inst) DT_NUM_REGS(DT_DRV_INST(inst))
#define DT_INST_REG_ADDR(inst) DT_REG_ADDR(DT_DRV_INST(inst))
#define DT_INST_REG_SIZE(inst) DT_REG_SIZE(DT_DRV_INST(inst))
#define DT_INST_REG_ADDR_U64(inst) DT_REG_ADDR_U64(DT_DRV_INST(inst))
#define DT_INST_NUM_IRQS(inst) DT_NUM_IRQS(DT_DRV_INST(inst))
#define DT_INST_IRQN(inst) DT_IRQN(DT_DRV_INST(inst))
#define DT_INST_CHILD_NUM(inst) DT_CHILD_NUM(DT_DRV_INST(inst))
#define DT_INST_CHILD_NUM_STATUS_OKAY(inst) DT_CHILD_NUM_STATUS_OKAY(DT_DRV_INST(inst))
#define DT_INST_CHILD(inst, child) DT_CHILD(DT_DRV_INST(inst), child)
#define DT_INST_ON_BUS(inst, bus) DT_ON_BUS(DT_DRV_INST(inst), bus)
#define DT_INST_NODE_HAS_PROP(inst, prop) DT_NODE_HAS_PROP(DT_DRV_INST(inst), prop)
#define DT_INST_NODE_HAS_COMPAT(inst, compat) DT_NODE_HAS_COMPAT(DT_DRV_INST(inst), compat)
#define DT_INST_PROP(inst, prop) DT_PROP(DT_DRV_INST(inst), prop)
#define DT_INST_PROP_LEN(inst, prop) DT_PROP_LEN(DT_DRV_INST(inst), prop)
#define DT_INST_PROP_LAST(inst, prop) DT_PROP_LAST(DT_DRV_INST(inst), prop)
#define DT_INST_ENUM_IDX(inst, prop) DT_ENUM_IDX(DT_DRV_INST(inst), prop)
#define DT_INST_STRING_TOKEN(inst, prop) DT_STRING_TOKEN(DT_DRV_INST(inst), prop)
#define DT_INST_STRING_UPPER_TOKEN(inst, prop) DT_STRING_UPPER_TOKEN(DT_DRV_INST(inst), prop)
#define DT_INST_STRING_UNQUOTED(inst, prop) DT_STRING_UNQUOTED(DT_DRV_INST(inst), prop)
#define DT_INST_PHANDLE(inst, prop) DT_PHANDLE(DT_DRV_INST(inst), prop)
#define DT_INST_PROP_OR(inst, prop, default_value) DT_PROP_OR(DT_DRV_INST(inst), prop, default_value)
#define DT_INST_PROP_LEN_OR(inst, prop, default_value) DT_PROP_LEN_OR(DT_DRV_INST(inst), prop, default_value)
#define DT_INST_ENUM_IDX_OR(inst, prop, default_value) DT_ENUM_IDX_OR(DT_DRV_INST(inst), prop, default_value)
#define DT_INST_STRING_TOKEN_OR(inst, prop, default_value) DT_STRING_TOKEN_OR(DT_DRV_INST(inst), prop, default_value)
#define DT_INST_STRING_UPPER_TOKEN_OR(inst, prop, default_value)                                                       \
	DT_STRING_UPPER_TOKEN_OR(DT_DRV_INST(inst), prop, default_value)
#define DT_INST_STRING_UNQUOTED_OR(inst, prop, default_value)                                                          \
	DT_STRING_UNQUOTED_OR(DT_DRV_INST(inst), prop, default_value)
#define DT_INST_PROP_BY_IDX(inst, prop, idx) DT_PROP_BY_IDX(DT_DRV_INST(inst), prop, idx)
#define DT_INST_PROP_HAS_IDX(inst, prop, idx) DT_PROP_HAS_IDX(DT_DRV_INST(inst), prop, idx)
#define DT_INST_PHANDLE_BY_IDX(inst, prop, idx) DT_PHANDLE_BY_IDX(DT_DRV_INST(inst), prop, idx)
#define DT_INST_STRING_TOKEN_BY_IDX(inst, prop, idx) DT_STRING_TOKEN_BY_IDX(DT_DRV_INST(inst), prop, idx)
#define DT_INST_STRING_UPPER_TOKEN_BY_IDX(inst, prop, idx) DT_STRING_UPPER_TOKEN_BY_IDX(DT_DRV_INST(inst), prop, idx)
#define DT_INST_STRING_UNQUOTED_BY_IDX(inst, prop, idx) DT_STRING_UNQUOTED_BY_IDX(DT_DRV_INST(inst), prop, idx)
#define DT_INST_PROP_HAS_NAME(inst, prop, name) DT_PROP_HAS_NAME(DT_DRV_INST(inst), prop, name)
#define DT_INST_PHANDLE_BY_NAME(inst, prop, name) DT_PHANDLE_BY_NAME(DT_DRV_INST(inst), prop, name)
#define DT_INST_ENUM_HAS_VALUE(inst, prop, value) DT_ENUM_HAS_VALUE(DT_DRV_INST(inst), prop, value)
#define DT_INST_PROP_BY_PHANDLE(inst, ph, prop) DT_PROP_BY_PHANDLE(DT_DRV_INST(inst), ph, prop)
#define DT_INST_PROP_BY_PHANDLE_IDX(inst, phs, idx, prop) DT_PROP_BY_PHANDLE_IDX(DT_DRV_INST(inst), phs, idx, prop)
#define DT_INST_PHA_BY_IDX(inst, pha, idx, cell) DT_PHA_BY_IDX(DT_DRV_INST(inst), pha, idx, cell)
#define DT_INST_PHA_BY_IDX_OR(inst, pha, idx, cell, default_value)                                                     \
	DT_PHA_BY_IDX_OR(DT_DRV_INST(inst), pha, idx, cell, default_value)
#define DT_INST_PHA(inst, pha, cell) DT_PHA(DT_DRV_INST(inst), pha, cell)
#define DT_INST_PHA_OR(inst, pha, cell, default_value) DT_PHA_OR(DT_DRV_INST(inst), pha, cell, default_value)
#define DT_INST_PHA_HAS_CELL(inst, pha, cell) DT_PHA_HAS_CELL(DT_DRV_INST(inst), pha, cell)
#define DT_INST_PHA_HAS_CELL_AT_IDX(inst, pha, idx, cell) DT_PHA_HAS_CELL_AT_IDX(DT_DRV_INST(inst), pha, idx, cell)
#define DT_INST_PHA_BY_NAME(inst, pha, name, cell) DT_PHA_BY_NAME(DT_DRV_INST(inst), pha, name, cell)
#define DT_INST_PHA_BY_NAME_OR(inst, pha, name, cell, default_value)                                                   \
	DT_PHA_BY_NAME_OR(DT_DRV_INST(inst), pha, name, cell, default_value)
#define DT_INST_REG_HAS_IDX(inst, idx) DT_REG_HAS_IDX(DT_DRV_INST(inst), idx)
#define DT_INST_REG_ADDR_BY_IDX(inst, idx) DT_REG_ADDR_BY_IDX(DT_DRV_INST(inst), idx)
#define DT_INST_REG_SIZE_BY_IDX(inst, idx) DT_REG_SIZE_BY_IDX(DT_DRV_INST(inst), idx)
#define DT_INST_IRQ_HAS_IDX(inst, idx) DT_IRQ_HAS_IDX(DT_DRV_INST(inst), idx)
#define DT_INST_IRQN_BY_IDX(inst, idx) DT_IRQN_BY_IDX(DT_DRV_INST(inst), idx)
#define DT_INST_REG_HAS_NAME(inst, name) DT_REG_HAS_NAME(DT_DRV_INST(inst), name)
#define DT_INST_REG_ADDR_BY_NAME(inst, name) DT_REG_ADDR_BY_NAME(DT_DRV_INST(inst), name)
#define DT_INST_REG_SIZE_BY_NAME(inst, name) DT_REG_SIZE_BY_NAME(DT_DRV_INST(inst), name)
#define DT_INST_IRQ_HAS_NAME(inst, name) DT_IRQ_HAS_NAME(DT_DRV_INST(inst), name)
#define DT_INST_IRQ(inst, cell) DT_IRQ(DT_DRV_INST(inst), cell)
#define DT_INST_IRQ_HAS_CELL(inst, cell) DT_IRQ_HAS_CELL(DT_DRV_INST(inst), cell)
#define DT_INST_IRQ_BY_IDX(inst, idx, cell) DT_IRQ_BY_IDX(DT_DRV_INST(inst), idx, cell)
#define DT_INST_IRQ_BY_NAME(inst, name, cell) DT_IRQ_BY_NAME(DT_DRV_INST(inst), name, cell)
#define DT_INST_GPIO_CTLR(inst, gpio_pha) DT_GPIO_CTLR(DT_DRV_INST(inst), gpio_pha)
#define DT_INST_GPIO_CTLR_BY_IDX(inst, gpio_pha, idx) DT_GPIO_CTLR_BY_IDX(DT_DRV_INST(inst), gpio_pha, idx)
#define DT_INST_GPIO_PIN(inst, gpio_pha) DT_GPIO_PIN(DT_DRV_INST(inst), gpio_pha)
#define DT_INST_GPIO_PIN_BY_IDX(inst, gpio_pha, idx) DT_GPIO_PIN_BY_IDX(DT_DRV_INST(inst), gpio_pha, idx)
#define DT_INST_GPIO_FLAGS(inst, gpio_pha) DT_GPIO_FLAGS(DT_DRV_INST(inst), gpio_pha)
#define DT_INST_GPIO_FLAGS_BY_IDX(inst, gpio_pha, idx) DT_GPIO_FLAGS_BY_IDX(DT_DRV_INST(inst), gpio_pha, idx)
#define DT_INST_FOREACH_CHILD(inst, fn) DT_FOREACH_CHILD(DT_DRV_INST(inst), fn)
#define DT_INST_FOREACH_CHILD_SEP(inst, fn, sep) DT_FOREACH_CHILD_SEP(DT_DRV_INST(inst), fn, sep)
#define DT_INST_FOREACH_CHILD_VARGS(inst, fn, ...) DT_FOREACH_CHILD_VARGS(DT_DRV_INST(inst), fn, __VA_ARGS__)
#define DT_INST_FOREACH_CHILD_SEP_VARGS(inst, fn, sep, ...)                                                            \
	DT_FOREACH_CHILD_SEP_VARGS(DT_DRV_INST(inst), fn, sep, __VA_ARGS__)
#define DT_INST_FOREACH_CHILD_STATUS_OKAY(inst, fn) DT_FOREACH_CHILD_STATUS_OKAY(DT_DRV_INST(inst), fn)
#define DT_INST_FOREACH_CHILD_STATUS_OKAY_SEP(inst, fn, sep)                                                           \
	DT_FOREACH_CHILD_STATUS_OKAY_SEP(DT_DRV_INST(inst), fn, sep)
#define DT_INST_FOREACH_CHILD_STATUS_OKAY_VARGS(inst, fn, ...)                                                         \
	DT_FOREACH_CHILD_STATUS_OKAY_VARGS(DT_DRV_INST(inst), fn, __VA_ARGS__)
#define DT_INST_FOREACH_CHILD_STATUS_OKAY_SEP_VARGS(inst, fn, sep, ...)                                                \
	DT_FOREACH_CHILD_STATUS_OKAY_SEP_VARGS(DT_DRV_INST(inst), fn, sep, __VA_ARGS__)
#define DT_INST_FOREACH_PROP_ELEM(inst, prop, fn) DT_FOREACH_PROP_ELEM(DT_DRV_INST(inst), prop, fn)
#define DT_INST_FOREACH_PROP_ELEM_SEP(inst, prop, fn, sep) DT_FOREACH_PROP_ELEM_SEP(DT_DRV_INST(inst), prop, fn, sep)
#define DT_INST_FOREACH_PROP_ELEM_VARGS(inst, prop, fn, ...)                                                           \
	DT_FOREACH_PROP_ELEM_VARGS(DT_DRV_INST(inst), prop, fn, __VA_ARGS__)
#define DT_INST_FOREACH_PROP_ELEM_SEP_VARGS(inst, prop, fn, sep, ...)                                                  \
	DT_FOREACH_PROP_ELEM_SEP_VARGS(DT_DRV_INST(inst), prop, fn, sep, __VA_ARGS__)

#endif /* ZEPHYR_INCLUDE_DEVICETREE_INSTANCES_H_ */
