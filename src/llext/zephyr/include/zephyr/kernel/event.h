/* SPDX-License-Identifier: Apache-2.0
 *
 * Events: 32 bits, of which threads wait for any or all.
 */
#ifndef ZEPHYR_INCLUDE_KERNEL_EVENT_H_
#define ZEPHYR_INCLUDE_KERNEL_EVENT_H_

#include <zephyr/kernel/objects.h>

/* Outside extern "C" and without pedantry for the sake of the empty lock, as in objects.h. */
Z_PRAGMA(GCC diagnostic push)
Z_PRAGMA(GCC diagnostic ignored "-Wpedantic")
struct k_event {
	_wait_q_t wait_q;
	uint32_t events;
	struct k_spinlock lock;
};
Z_PRAGMA(GCC diagnostic pop)

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
#define Z_EVENT_INITIALIZER {{NULL, NULL}, 0, {}}
#else
#define Z_EVENT_INITIALIZER {.events = 0}
#endif
#define K_EVENT_DEFINE(name) struct k_event name = Z_EVENT_INITIALIZER

void k_event_init(struct k_event *event) Z_SYSCALL(k_event_init);
uint32_t k_event_post(struct k_event *event, uint32_t events) Z_SYSCALL(k_event_post);
uint32_t k_event_set(struct k_event *event, uint32_t events) Z_SYSCALL(k_event_set);
uint32_t k_event_set_masked(struct k_event *event, uint32_t events, uint32_t events_mask) Z_SYSCALL(k_event_set_masked);
uint32_t k_event_clear(struct k_event *event, uint32_t events) Z_SYSCALL(k_event_clear);
uint32_t k_event_wait(struct k_event *event, uint32_t events, bool reset, k_timeout_t timeout) Z_SYSCALL(k_event_wait);
uint32_t k_event_wait_all(struct k_event *event, uint32_t events, bool reset, k_timeout_t timeout)
	Z_SYSCALL(k_event_wait_all);

/* These clear what they return. */
uint32_t k_event_wait_safe(struct k_event *event, uint32_t events, bool reset, k_timeout_t timeout)
	Z_SYSCALL(k_event_wait_safe);
uint32_t k_event_wait_all_safe(struct k_event *event, uint32_t events, bool reset, k_timeout_t timeout)
	Z_SYSCALL(k_event_wait_all_safe);

static inline uint32_t k_event_test(struct k_event *event, uint32_t events_mask)
{
	return event->events & events_mask;
}

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_KERNEL_EVENT_H_ */
