"""Who runs when a service is done."""

ENDS = """
static struct k_thread thread;
K_THREAD_STACK_DEFINE(stack, 1024);
static void nothing(void *p1, void *p2, void *p3) { }
int go(void)
{
	k_thread_create(&thread, stack, 1024, nothing, NULL, NULL, NULL, 5, 0, K_NO_WAIT);
	return k_msleep(1);
}
EXPORT_SYMBOL(go);
"""


def test_a_thread_that_ends_while_all_others_wait_runs_no_further(load):
    """Section 1, entry returns = k_thread_abort(self); self: no return."""
    assert load(ENDS).fn("go")() == 0
