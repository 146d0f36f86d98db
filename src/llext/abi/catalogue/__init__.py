"""The services that guest code may call: one line each, as data, in a file per subject.

build/ makes headers and stubs from these lines, kernel/ registers an implementation for each, a test compares all
three. ``STRUCTS`` are the objects that those services work on, as C code sees them.
"""

from llext.abi.catalogue import (
    blocks,
    boot,
    console,
    devices,
    extensions,
    fatal,
    interrupts,
    log,
    memory,
    messages,
    poll,
    semaphores,
    sync,
    system,
    thread_facts,
    threads,
    time,
    timers,
    work,
)
from llext.abi.catalogue.spec import ServiceSpec, service, syscall

_SUBJECTS = (
    console,
    memory,
    time,
    threads,
    semaphores,
    sync,
    poll,
    fatal,
    messages,
    blocks,
    timers,
    work,
    log,
    devices,
    thread_facts,
    interrupts,
    boot,
    extensions,
    system,
)

SERVICES = tuple(spec for subject in _SUBJECTS for spec in subject.SERVICES)
STRUCTS = tuple(struct for subject in _SUBJECTS for struct in subject.STRUCTS)

__all__ = ["SERVICES", "STRUCTS", "ServiceSpec", "service", "syscall"]
