#define THREADS 1 /* the smallest board has no room for more */
#include "rows.h"
#include <zephyr/irq.h>
#include <zephyr/spinlock.h>
#include <zephyr/sys/atomic.h>

/* 5 spinlocks. */
static struct k_spinlock lock;

static bool locked(void)
{
	const unsigned int key = irq_lock();

	irq_unlock(key);
	return !arch_irq_unlocked(key);
}

ROW(a_spinlock_locks_interrupts)
{
	k_spinlock_key_t key = k_spin_lock(&lock), more;
	int inside = 0;

	CHECK(locked());
	CHECK(k_spin_trylock(&lock, &more) == 0);
	k_spin_unlock(&lock, more);
	CHECK(locked());
	k_spin_unlock(&lock, key);
	CHECK(!locked());
	K_SPINLOCK(&lock)
	{
		inside += locked();
	}
	CHECK(inside == 1 && !locked());
	K_SPINLOCK(&lock)
	{
		if (inside == 1) {
			K_SPINLOCK_BREAK;
		}
		inside = 7;
	}
	CHECK(inside == 1 && !locked());
	return 0;
}

/* 6 atomics: the old value each. */
ROW(atomic_operations_give_the_old_value)
{
	atomic_t value = ATOMIC_INIT(5);
	atomic_ptr_t pointer = ATOMIC_PTR_INIT(NULL);

	CHECK(atomic_get(&value) == 5);
	CHECK(atomic_add(&value, 3) == 5 && value == 8);
	CHECK(atomic_sub(&value, 10) == 8 && value == -2);
	CHECK(atomic_inc(&value) == -2 && atomic_dec(&value) == -1 && value == -2);
	CHECK(atomic_set(&value, 0xf0) == -2 && value == 0xf0);
	CHECK(atomic_or(&value, 0x0f) == 0xf0 && value == 0xff);
	CHECK(atomic_and(&value, 0x3c) == 0xff && value == 0x3c);
	CHECK(atomic_xor(&value, 0xff) == 0x3c && value == 0xc3);
	CHECK(atomic_nand(&value, 0x43) == 0xc3 && value == ~0x43L);
	CHECK(atomic_clear(&value) == ~0x43L && value == 0);
	CHECK(!atomic_cas(&value, 1, 2) && value == 0);
	CHECK(atomic_cas(&value, 0, 2) && value == 2);
	CHECK(atomic_set(&value, 0x7fffffff) == 2 && atomic_inc(&value) == 0x7fffffff && value == (long)0x80000000UL);
	CHECK(atomic_ptr_set(&pointer, &value) == NULL && atomic_ptr_get(&pointer) == &value);
	CHECK(!atomic_ptr_cas(&pointer, NULL, &pointer) && atomic_ptr_cas(&pointer, &value, &pointer));
	CHECK(atomic_ptr_clear(&pointer) == &pointer && pointer == NULL);
	return 0;
}

ROW(atomic_bits_are_counted_over_the_array)
{
	static ATOMIC_DEFINE(bits, 70);

	CHECK(ARRAY_SIZE(bits) == 3 && ATOMIC_BITMAP_SIZE(64) == 2 && ATOMIC_BITMAP_SIZE(65) == 3);
	memset(bits, 0, sizeof(bits));
	CHECK(!atomic_test_bit(bits, 33));
	CHECK(!atomic_test_and_set_bit(bits, 33) && atomic_test_and_set_bit(bits, 33) && bits[1] == 2);
	atomic_set_bit(bits, 69);
	CHECK(bits[2] == 0x20 && atomic_test_bit(bits, 69));
	CHECK(atomic_test_and_clear_bit(bits, 33) && !atomic_test_and_clear_bit(bits, 33));
	atomic_set_bit_to(bits, 31, true);
	CHECK(bits[0] == (long)0x80000000UL && atomic_test_bit(bits, 31));
	atomic_set_bit_to(bits, 31, false);
	atomic_clear_bit(bits, 69);
	CHECK(bits[0] == 0 && bits[1] == 0 && bits[2] == 0);
	return 0;
}
