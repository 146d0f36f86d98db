/* SPDX-License-Identifier: Apache-2.0
 *
 * Pipes: bytes, as Zephyr has them since 4.1.
 */
#ifndef ZEPHYR_INCLUDE_KERNEL_PIPE_H_
#define ZEPHYR_INCLUDE_KERNEL_PIPE_H_

#include <zephyr/kernel/objects.h>

#ifdef __cplusplus
extern "C" {
#endif

struct k_pipe {
	size_t waiting;
	struct {
		uint8_t *buffer;
		int32_t put[3];
		int32_t get[3];
		uint32_t size;
	} buf;
	_wait_q_t data;
	_wait_q_t space;
	uint8_t flags;
	sys_dlist_t poll_events;
};

#define Z_PIPE_FLAG_OPEN 1

#define Z_PIPE_INITIALIZER(obj, pipe_buffer, pipe_buffer_size)                                                         \
	{                                                                                                              \
		0, {pipe_buffer, {0, 0, 0}, {0, 0, 0}, pipe_buffer_size}, {NULL, NULL},                                \
			{NULL, NULL}, Z_PIPE_FLAG_OPEN, {NULL, NULL}                                                   \
	}

#define K_PIPE_DEFINE(name, pipe_buffer_size, pipe_align)                                                              \
	static uint8_t __noinit __aligned(pipe_align) _k_pipe_buf_##name[pipe_buffer_size];                            \
	struct k_pipe name = Z_PIPE_INITIALIZER(name, _k_pipe_buf_##name, pipe_buffer_size)

void k_pipe_init(struct k_pipe *pipe, uint8_t *buffer, size_t buffer_size) Z_SYSCALL(k_pipe_init);
int k_pipe_write(struct k_pipe *pipe, const uint8_t *data, size_t len, k_timeout_t timeout) Z_SYSCALL(k_pipe_write);
int k_pipe_read(struct k_pipe *pipe, uint8_t *data, size_t len, k_timeout_t timeout) Z_SYSCALL(k_pipe_read);
void k_pipe_reset(struct k_pipe *pipe) Z_SYSCALL(k_pipe_reset);
void k_pipe_close(struct k_pipe *pipe) Z_SYSCALL(k_pipe_close);

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_KERNEL_PIPE_H_ */
