/* SPDX-License-Identifier: Apache-2.0 */
#include <cstring>
#include <new>
#include <shapes.hpp>
#include <zephyr/kernel.h>
#include <zephyr/llext/buf_loader.h>
#include <zephyr/llext/llext.h>

extern "C" int from_c(int value);

static const std::uint8_t greeter_ext[] __aligned(4) = {
#include <greeter_ext.inc>
};

namespace
{
Square unit{1};
Square big{from_c(6)};

K_MUTEX_DEFINE(lock);
K_SEM_DEFINE(woken, 0, 1);

void on_timer(k_timer *)
{
	k_sem_give(&woken);
}
K_TIMER_DEFINE(waker, on_timer, nullptr);

class Lock
{
public:
	Lock() { k_mutex_lock(&lock, K_FOREVER); }
	~Lock()
	{
		k_mutex_unlock(&lock);
		printk("unlocked\n");
	}
};

void worker(void *, void *, void *)
{
	Lock guard;

	printk("worker: %s\n", k_thread_name_get(k_current_get()));
}

K_THREAD_DEFINE(worker_id, 1024, worker, nullptr, nullptr, nullptr, 3, 0, 0);
} // namespace

extern "C" void greet(const char *who)
{
	printk("hello, %s\n", who);
}
EXPORT_SYMBOL(greet);

int main()
{
	const Shape *shapes[] = {&unit, &big, new Square{3}};

	k_thread_join(worker_id, K_FOREVER);
	for (const Shape *shape : shapes) {
		printk("%s %d\n", shape->name(), shape->area());
	}
	delete shapes[length(shapes) - 1];

	k_timer_start(&waker, K_MSEC(3), K_NO_WAIT);
	printk("woken %d at %lld\n", k_sem_take(&woken, K_SECONDS(1)), k_uptime_get());

	struct llext_buf_loader loader = LLEXT_BUF_LOADER(greeter_ext, sizeof(greeter_ext));
	struct llext *ext = nullptr;
	int ret = llext_load(&loader.loader, "greeter", &ext, nullptr);

	if (ret != 0) {
		printk("llext_load: %d\n", ret);
		return ret;
	}
	printk("bringup %d\n", llext_bringup(ext));
	llext_call_fn(ext, "run");
	printk("teardown %d\n", llext_teardown(ext));
	return llext_unload(&ext);
}
