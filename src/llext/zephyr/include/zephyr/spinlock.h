/* SPDX-License-Identifier: Apache-2.0
 *
 * Spinlocks. On one CPU a lock is that of interrupts; its key belongs to who has locked.
 */
#ifndef ZEPHYR_INCLUDE_SPINLOCK_H_
#define ZEPHYR_INCLUDE_SPINLOCK_H_

#include <zephyr/irq.h>
#include <zephyr/kernel/objects.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct z_spinlock_key {
	int key;
} k_spinlock_key_t;

static ALWAYS_INLINE k_spinlock_key_t k_spin_lock(struct k_spinlock *l)
{
	k_spinlock_key_t k;

	(void)l;
	k.key = (int)arch_irq_lock();
	return k;
}

static ALWAYS_INLINE int k_spin_trylock(struct k_spinlock *l, k_spinlock_key_t *k)
{
	*k = k_spin_lock(l);
	return 0;
}

static ALWAYS_INLINE void k_spin_unlock(struct k_spinlock *l, k_spinlock_key_t key)
{
	(void)l;
	arch_irq_unlock((unsigned int)key.key);
}

/* A block under a lock; it must not be left but at its end, or by K_SPINLOCK_BREAK. */
#define K_SPINLOCK_BREAK continue
#define K_SPINLOCK(lck)                                                                                                \
	for (k_spinlock_key_t __i __attribute__((__unused__)) = {0}, __key = k_spin_lock(lck); !__i.key;               \
	     k_spin_unlock(lck, __key), __i.key = 1)

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_INCLUDE_SPINLOCK_H_ */
