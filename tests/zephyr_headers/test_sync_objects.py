"""Objects that threads wait for are defined by their macros in every language, without a warning."""

import pytest
from test_headers import BOARDS, CPUS, LANGUAGES, STRICT, TOOLCHAINS, compile_text

DEFINED = """
#include <zephyr/kernel.h>
#include <zephyr/sys/mutex.h>
#include <zephyr/sys/sem.h>
K_SEM_DEFINE(semaphore, 0, K_SEM_MAX_LIMIT);
static K_MUTEX_DEFINE(mutex);
K_CONDVAR_DEFINE(condvar);
K_EVENT_DEFINE(event);
SYS_MUTEX_DEFINE(plain_mutex);
SYS_SEM_DEFINE(plain_semaphore, 1, 2);
struct k_poll_signal raised = K_POLL_SIGNAL_INITIALIZER(raised);
struct k_poll_event polled[] = {
	K_POLL_EVENT_INITIALIZER(K_POLL_TYPE_SIGNAL, K_POLL_MODE_NOTIFY_ONLY, &raised),
	K_POLL_EVENT_STATIC_INITIALIZER(K_POLL_TYPE_SEM_AVAILABLE, K_POLL_MODE_NOTIFY_ONLY, &semaphore, 255),
	K_POLL_EVENT_INITIALIZER(K_POLL_TYPE_IGNORE, K_POLL_MODE_NOTIFY_ONLY, NULL),
};
int first_state(void);
int first_state(void)
{
	polled[1].tag = 3;
	polled[1].state = K_POLL_STATE_NOT_READY;
	return polled[0].signal->result + (polled[1].sem == &semaphore) + (k_mutex_lock(&mutex, K_FOREVER) != 0);
}
"""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("board", BOARDS, ids=CPUS.get)
@pytest.mark.parametrize("toolchain", TOOLCHAINS)
def test_objects_of_synchronisation_are_defined_without_a_warning(toolchain, board, language):
    compile_text(DEFINED, *STRICT, "-fsyntax-only", toolchain=toolchain, board=board, language=language)


@pytest.mark.parametrize("toolchain", TOOLCHAINS)
def test_a_semaphore_above_its_limit_stops_the_compiler(toolchain):
    text = "#include <zephyr/kernel.h>\nK_SEM_DEFINE(semaphore, 3, 2);\n"
    done = compile_text(text, "-fsyntax-only", toolchain=toolchain, check=False)
    assert done.returncode != 0
    assert b"a semaphore's limit" in done.stderr
