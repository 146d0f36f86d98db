"""All that the kernel knows besides guest memory: plain data, no closures, no host objects."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from llext.kernel.log_lines import LogState


class States:
    """Bits of ``base.thread_state`` in struct k_thread (Zephyr 4.1 and later). Plain numbers: enumerations are slow."""

    PENDING = 2
    SLEEPING = 4
    DEAD = 8
    SUSPENDED = 0x10
    QUEUED = 0x80


STACK_PAINT = b"\xaa"
"""What a stack is filled with, so that it tells how much of it was never touched."""
BLOCKED = States.PENDING | States.SLEEPING | States.DEAD | States.SUSPENDED


class Options:
    """K_ESSENTIAL and the like."""

    ESSENTIAL = 1
    FP_REGS = 2
    USER = 4
    INHERIT_PERMS = 8
    CALLBACK_STATE = 0x10


@dataclass
class Thread:
    """One thread. Addresses are guest addresses, times are ticks.

    Attributes:
        address: Of its struct k_thread.
        priority: As it is now; smaller is more urgent.
        entry: Its function, for words.
        stack: Lowest address of its stack.
        stack_size: Bytes.
        guard: Bytes below the stack that nobody may touch.
        block: Address of its thread-local variables.
        options: K_ESSENTIAL and the like.
        name: At most 31 bytes.
        states: Why it does not run; 0 while it can.
        ticket: Its place among equals, smaller is earlier.
        context: Its registers while it does not run.
        result: The words that the service which it left returns, once that is known.
        queue: Address of the wait queue in which it is, or 0.
        waits_for: The service in which it waits, and the address of what it waits for, for words.
        since: When that began.
        expired: What that service returns when its time is over.
        data: What whoever wakes it needs to complete its operation.
        retry: What completes the service that it left when its turn comes, or "" where the result is known by then.
        locked: How often it has locked the scheduler.
        sliced: Ticks of a time slice of its own; -1 for the common one.
        polls: What its k_poll waits for: (address of the object, address of the event).
        slice_ended: Function and argument that an end of that slice calls, or 0.
        deadline: By when it wants to be done, in cycles; the earlier one comes first among equals. 0 for none.
        ran: For how long it has run, nanoseconds.
    """

    address: int
    priority: int
    entry: int = 0
    stack: int = 0
    stack_size: int = 0
    guard: int = 0
    block: int = 0
    options: int = 0
    name: str = ""
    states: int = 0
    ticket: int = 0
    context: bytearray = field(default_factory=bytearray)
    result: tuple[int, int] | None = None
    queue: int = 0
    waits_for: tuple[str, int] = ("", 0)
    since: int = 0
    expired: int = 0
    data: tuple[int, ...] = ()
    retry: str = ""
    locked: int = 0
    sliced: int = -1
    polls: list[tuple[int, int]] = field(default_factory=list)
    slice_ended: tuple[int, int] = (0, 0)
    deadline: int = 0
    ran: int = 0


ZERO_LATENCY = -2
"""Priority of interrupts that irq_lock does not lock out (IRQ_ZERO_LATENCY)."""


class Interrupt(NamedTuple):
    """A handler that shall run. They run one after the other, smaller priorities first.

    Attributes:
        priority: As irq_connect_dynamic was given it; -1 for what is no line of the interrupt controller.
        ticket: Smaller was asked for earlier.
        handler: Guest function; 0 if nobody connected one.
        arguments: Its arguments.
        irq: Number of the line, or -1.
    """

    priority: int
    ticket: int
    handler: int
    arguments: tuple[int, ...]
    irq: int = -1


@dataclass
class Irq:
    """One line of the interrupt controller. A line that is raised while it is off waits until it is on."""

    handler: int = 0
    argument: int = 0
    priority: int = 0
    enabled: bool = False
    pending: bool = False


@dataclass
class ConsoleInput:
    """The console's receiving side.

    Attributes:
        received: Bytes that nobody has taken yet.
        handler: Function of the port's interrupt, 0 while it has none.
        argument: Its argument.
        enabled: Causes that may interrupt.
        vain_polls: Polls in a row that found nothing.
        ended: Whether the host's source has come to its end.
    """

    received: bytearray = field(default_factory=bytearray)
    handler: int = 0
    argument: int = 0
    enabled: int = 0
    vain_polls: int = 0
    ended: bool = False


Timeout = tuple[int, int, str, int]
"""Tick, ticket, what it is for, and whose it is."""


@dataclass
class WorkQueue:
    """A work queue that was started; its flags are in guest memory.

    Attributes:
        worker: Address of the thread that does its work.
        pending: What waits, the next one first: (work, 0), or (work, sync) for a thread in k_work_flush, which is woken
            when its turn comes.
        running: What the worker does now, or did last.
    """

    worker: int
    pending: list[tuple[int, int]] = field(default_factory=list)
    running: tuple[int, int] = (0, 0)


@dataclass
class PolledWork:
    """A work item that k_work_poll_submit has given events to wait for.

    Attributes:
        queue: Address of the queue that it goes to.
        priority: That queue's thread's, by which those who poll one object are told.
        deadline: Likewise.
        waits: Whether it still waits for the first of its events.
        polls: As a thread's.
    """

    queue: int
    priority: int
    deadline: int = 0
    waits: bool = True
    polls: list[tuple[int, int]] = field(default_factory=list)


@dataclass
class KernelState:
    """All that changes while guest code runs, guest memory aside.

    Attributes:
        nanoseconds: The clock.
        threads: Every thread that was created and is not dead, by address, oldest first.
        ready: Those that can run, the next one first: (priority, deadline, ticket, address).
        queues: Wait queues with somebody in them, by address, in the order of waking.
        timeouts: What the clock will do, in the order of doing.
        armed: The same, by what and whose.
        polls: Who polls an object, by its address, in the order of waking: (address of the event, of the thread or work item).
            What is not in that one's own ``polls`` too is no more.
        polled_works: Work items that events submit, by address, from k_work_poll_submit until their queue does them.
        heaps: By the address of a heap's record: bytes allocated, and the most that ever were.
        interrupts: Handlers to run, in that order.
        irqs: Lines of the interrupt controller that somebody has used, by number.
        stacks: Stacks that k_thread_stack_alloc gave, by address: bytes.
        current: The thread that runs, or that an interrupt handler interrupted.
        main: The thread of calls from Python.
        serves: The interrupt whose handler runs, or ran last.
        application: The thread that an application's main runs in; 0 on a bare board.
        booting: Whether an application's levels PRE_KERNEL run, in which nobody may wait.
        until_idle: Whether the call from Python waits for the time when nothing can happen any more.
        lets_run: Whether it is there to let an application run, and not for a result: it takes as long as that's time goes on.
        in_isr: Whether an interrupt handler runs.
        edge: The tick that the clock's interrupt serves while it does; -1 otherwise.
        swap: Whether it is to be looked at who runs, when the service that runs now is done.
        yields: Whether the running thread lets its equals run.
        tickets: Counts up; smaller came first.
        switched: When the running thread's slice began, nanoseconds.
        resumed: Up to when the running thread's time is counted, nanoseconds.
        slice_ticks: How long a thread runs before its equals do (CONFIG_TIMESLICE_SIZE, 20 ms since 4.2); 0 for no end.
        slice_priority: The most urgent priority for which that holds.
        work_queues: Those that were started, by address.
        system_queue: Address of k_sys_work_q, and of its thread's stack. Both are made when they are needed.
        log: Log messages that wait, and how they are written.
        devices: Addresses of the devices that can be found by name.
        chance: What random numbers are made from: the board's seed first, another number behind each.
        input: What the console receives.
    """

    nanoseconds: int = 0
    threads: dict[int, Thread] = field(default_factory=dict)
    ready: list[tuple[int, int, int, int]] = field(default_factory=list)
    queues: dict[int, list[tuple[int, int, int, int]]] = field(default_factory=dict)
    timeouts: list[Timeout] = field(default_factory=list)
    armed: dict[tuple[str, int], Timeout] = field(default_factory=dict)
    polls: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    polled_works: dict[int, PolledWork] = field(default_factory=dict)
    heaps: dict[int, tuple[int, int]] = field(default_factory=dict)
    interrupts: list[Interrupt] = field(default_factory=list)
    irqs: dict[int, Irq] = field(default_factory=dict)
    stacks: dict[int, int] = field(default_factory=dict)
    current: int = 0
    main: int = 0
    serves: Interrupt | None = None
    application: int = 0
    booting: bool = False
    until_idle: bool = False
    lets_run: bool = False
    in_isr: bool = False
    edge: int = -1
    swap: bool = False
    yields: bool = False
    tickets: int = 0
    switched: int = 0
    resumed: int = 0
    slice_ticks: int = 200
    slice_priority: int = 0
    work_queues: dict[int, WorkQueue] = field(default_factory=dict)
    system_queue: tuple[int, int] = (0, 0)
    log: LogState = field(default_factory=LogState)
    devices: list[int] = field(default_factory=list)
    chance: int = 0
    input: ConsoleInput = field(default_factory=ConsoleInput)
