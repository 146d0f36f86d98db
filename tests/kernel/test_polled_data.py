"""k_poll on queues, message queues and pipes (reference: poll, and the sections of the objects)."""

import pytest
from rows import BOARDS, Row, printed, table

POLLS = """
K_FIFO_DEFINE(fifo);
K_MSGQ_DEFINE(msgq, 4, 2, 4);
K_PIPE_DEFINE(bytes, 16, 4);
static struct k_poll_event event;
static void *item[2];
static int polled(uint32_t type, void *object, k_timeout_t time)
{
	k_poll_event_init(&event, type, K_POLL_MODE_NOTIFY_ONLY, object);
	return k_poll(&event, 1, time);
}
static void polls(void *type, void *object, void *unused)
{
	ARG_UNUSED(unused);
	const int result = polled((uint32_t)(uintptr_t)type, object, K_FOREVER);
	printk("%d %d\\n", result, (int)event.state);
}
static void poller(uint32_t type, void *object)
{
	k_thread_create(&threads[0], stacks[0], K_THREAD_STACK_SIZEOF(stacks[0]), polls, (void *)(uintptr_t)type, object, NULL, 1, 0,
			K_NO_WAIT);
	started = 1;
	settle();
}
"""
ROWS = [
    Row("an empty queue", "2 poll", 'printk("%d\\n", polled(K_POLL_TYPE_FIFO_DATA_AVAILABLE, &fifo, K_NO_WAIT));', "-11"),
    Row("an item that is there", "2 poll", 'k_fifo_put(&fifo, item); printk("%d ", polled(K_POLL_TYPE_FIFO_DATA_AVAILABLE, &fifo, K_NO_WAIT));'
        'printk("%d %d\\n", (int)event.state, k_fifo_get(&fifo, K_NO_WAIT) == item);', "0 4 1"),
    Row("an item that comes", "2 poll", "poller(K_POLL_TYPE_FIFO_DATA_AVAILABLE, &fifo); k_fifo_put(&fifo, item); finish();"
        "k_fifo_get(&fifo, K_NO_WAIT);", "0 4"),
    Row("a wait that is cancelled", "3 k_queue", "poller(K_POLL_TYPE_FIFO_DATA_AVAILABLE, &fifo); k_fifo_cancel_wait(&fifo); finish();", "-4 8"),
    Row("a message that comes", "2 poll", "int m = 3; poller(K_POLL_TYPE_MSGQ_DATA_AVAILABLE, &msgq); k_msgq_put(&msgq, &m, K_NO_WAIT); finish();"
        "k_msgq_purge(&msgq);", "0 16"),
    Row("a message that is there", "2 poll", "int m = 3; k_msgq_put(&msgq, &m, K_NO_WAIT);"
        'printk("%d ", polled(K_POLL_TYPE_MSGQ_DATA_AVAILABLE, &msgq, K_NO_WAIT)); printk("%d\\n", (int)event.state); k_msgq_purge(&msgq);', "0 16"),
    Row("bytes that come", "2 poll", 'poller(K_POLL_TYPE_PIPE_DATA_AVAILABLE, &bytes); k_pipe_write(&bytes, (const uint8_t *)"ab", 2, K_NO_WAIT);'
        "finish(); uint8_t b[2]; k_pipe_read(&bytes, b, 2, K_NO_WAIT);", "0 32"),
]  # fmt: skip


@pytest.fixture(scope="module", params=BOARDS)
def polling(request, tmp_path_factory):
    yield from table(tmp_path_factory, request.param, "polling", POLLS, ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_poll_tells_of_data(polling, row):
    assert printed(polling, ROWS, row) == row.printed
