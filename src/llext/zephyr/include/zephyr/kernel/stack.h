/* SPDX-License-Identifier: Apache-2.0
 *
 * Stacks of words.
 */
#ifndef ZEPHYR_INCLUDE_KERNEL_STACK_H_
#define ZEPHYR_INCLUDE_KERNEL_STACK_H_

#include <zephyr/kernel/objects.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef uintptr_t stack_data_t;

#define K_STACK_FLAG_ALLOC ((uint8_t)1)

struct k_stack {
	_wait_q_t wait_q;
	stack_data_t *base;
	stack_data_t *next;
	stack_data_t *top;
	uint8_t flags;
};

#define Z_STACK_INITIALIZER(obj, stack_buffer, stack_num_entries)                                                      \
	{                                                                                                              \
		{NULL, NULL}, stack_buffer, stack_buffer, (stack_buffer) + (stack_num_entries), 0                      \
	}

#define K_STACK_DEFINE(name, stack_num_entries)                                                                        \
	static stack_data_t __noinit _k_stack_buf_##name[stack_num_entries];                                           \
	struct k_stack name = Z_STACK_INITIALIZER(name, _k_stack_buf_##name, stack_num_entries)

void k_stack_init(struct k_stack *stack, stack_data_t *buffer, uint32_t num_entries);
int32_t k_stack_alloc_init(struct k_stack *stack, uint32_t num_entries) Z_SYSCALL(k_stack_alloc_init);
int k_stack_cleanup(struct k_stack *stack);
int k_stack_push(struct k_stack *stack, stack_data_t data) Z_SYSCALL(k_stack_push);
int k_stack_pop(struct k_stack *stack, stack_data_t *data, k_timeout_t timeout) Z_SYSCALL(k_stack_pop);

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_KERNEL_STACK_H_ */
