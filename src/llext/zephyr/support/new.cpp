/* SPDX-License-Identifier: Apache-2.0
 *
 * operator new and delete over k_malloc (C++17 21.6.2). Without exceptions a failed allocation ends the thread, unless the
 * caller said nothrow. What wants more alignment than a heap gives keeps the start of its block in front of it.
 */
#include <new>
#include <stdint.h>
#include <zephyr/kernel.h>

static void *checked(void *memory)
{
	if (memory == nullptr) {
		printk("operator new: no memory\n");
		k_panic();
	}
	return memory;
}

static void *aligned(size_t size, size_t alignment)
{
	char *block = static_cast<char *>(k_malloc(size + alignment + sizeof(void *)));

	if (block == nullptr) {
		return nullptr;
	}
	uintptr_t start = (reinterpret_cast<uintptr_t>(block) + sizeof(void *) + alignment - 1) & ~(alignment - 1);
	void **memory = reinterpret_cast<void **>(start);

	memory[-1] = block;
	return memory;
}

static void free_aligned(void *memory)
{
	if (memory != nullptr) {
		k_free(static_cast<void **>(memory)[-1]);
	}
}

static size_t at_least_one(size_t size)
{
	return size > 0 ? size : 1;
}

void *operator new(size_t size) { return checked(k_malloc(at_least_one(size))); }
void *operator new[](size_t size) { return checked(k_malloc(at_least_one(size))); }
void *operator new(size_t size, const std::nothrow_t &) noexcept { return k_malloc(at_least_one(size)); }
void *operator new[](size_t size, const std::nothrow_t &) noexcept { return k_malloc(at_least_one(size)); }
void operator delete(void *memory) noexcept { k_free(memory); }
void operator delete[](void *memory) noexcept { k_free(memory); }
void operator delete(void *memory, size_t) noexcept { k_free(memory); }
void operator delete[](void *memory, size_t) noexcept { k_free(memory); }
void operator delete(void *memory, const std::nothrow_t &) noexcept { k_free(memory); }
void operator delete[](void *memory, const std::nothrow_t &) noexcept { k_free(memory); }
void *operator new(size_t size, std::align_val_t a) { return checked(aligned(size, static_cast<size_t>(a))); }
void *operator new[](size_t size, std::align_val_t a) { return checked(aligned(size, static_cast<size_t>(a))); }
void *operator new(size_t size, std::align_val_t a, const std::nothrow_t &) noexcept { return aligned(size, static_cast<size_t>(a)); }
void *operator new[](size_t size, std::align_val_t a, const std::nothrow_t &) noexcept { return aligned(size, static_cast<size_t>(a)); }
void operator delete(void *memory, std::align_val_t) noexcept { free_aligned(memory); }
void operator delete[](void *memory, std::align_val_t) noexcept { free_aligned(memory); }
void operator delete(void *memory, size_t, std::align_val_t) noexcept { free_aligned(memory); }
void operator delete[](void *memory, size_t, std::align_val_t) noexcept { free_aligned(memory); }

const std::nothrow_t std::nothrow{};
