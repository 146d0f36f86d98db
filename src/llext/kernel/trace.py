"""Who ran when, in virtual time: records that a board keeps if it was asked to. Without that none of this is called.

A board with a trace has a loop that notes who gets the CPU, and services that note when they begin and end; the choice is
made when the board is powered on and when a service is bound.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from llext.abi import Pointer, Prototype
from llext.kernel.loop import Loop
from llext.kernel.state import BLOCKED, Interrupt, KernelState, States, Thread
from llext.machine import Event, MachineFault

if TYPE_CHECKING:
    from llext.kernel.kernel import Kernel

INTERRUPTS = 0
"""The track of interrupt handlers; that of a thread is the address of its struct k_thread."""
EVENTS = 1_000_000
"""Events that are kept, the oldest: guest code that runs without end costs the host no more."""


class TraceEvent(NamedTuple):
    """One thing that happened.

    Attributes:
        at: When, in virtual nanoseconds.
        phase: "B" where something begins, "E" where what began last on its track ends, "i" for what takes no time.
        track: Whose it is: a thread's address, or INTERRUPTS.
        kind: "thread", "interrupt", "service", "extension" or "fault".
        name: Of the thread, the handler, the service; what happened.
        words: More about it, by name; addresses are numbers.
    """

    at: int
    phase: str
    track: int
    kind: str
    name: str
    words: tuple[tuple[str, int | str], ...] = ()


class Trace:
    """What has happened on one board so far.

    Attributes:
        events: The first EVENTS of them.
        dropped: How many there were behind those.
        tracks: What each track is called, in the order in which they were first used.
        name_of: Says which function an address is of.
    """

    def __init__(self, state: KernelState) -> None:
        self.state = state
        self.events: list[TraceEvent] = []
        self.dropped = 0
        self.tracks: dict[int, str] = {}
        self.name_of: Callable[[int], str] = hex
        self._runs: tuple[int, str, str] | None = None

    def add(self, phase: str, track: int, kind: str, name: str, words: tuple[tuple[str, int | str], ...] = ()) -> None:
        """Notes one event, now."""
        if len(self.events) < EVENTS:
            self.events.append(TraceEvent(self.state.nanoseconds, phase, track, kind, name, words))
        else:
            self.dropped += 1

    def instant(self, kind: str, name: str) -> None:
        """Something that takes no time, on the track of who runs."""
        self.add("i", self._track(), kind, name)

    def _track(self) -> int:
        return INTERRUPTS if self.state.in_isr else self.state.current

    # Who has the CPU ----------------------------------------------------------------------------------------------------

    def thread(self, thread: Thread) -> None:
        """A thread runs from now on."""
        name = thread.name or f"thread {thread.address:#010x}"
        self.tracks[thread.address] = name
        if self._runs is None or self._runs[0] != thread.address:
            self.nobody()
            self._begin(thread.address, "thread", name)

    def interrupt(self, function: int, words: tuple[tuple[str, int | str], ...]) -> None:
        """An interrupt handler runs from now on."""
        self.tracks.setdefault(INTERRUPTS, "interrupts")
        self.nobody()
        self._begin(INTERRUPTS, "interrupt", self.name_of(function), words)

    def _begin(self, track: int, kind: str, name: str, words: tuple[tuple[str, int | str], ...] = ()) -> None:
        self._runs = (track, kind, name)
        self.add("B", track, kind, name, words)

    def nobody(self) -> None:
        """Who has run does so no more; a thread's end of running says why."""
        if self._runs is not None:
            track, kind, name = self._runs
            self.add("E", track, kind, name, self._why(track) if kind == "thread" else ())
            self._runs = None

    def _why(self, track: int) -> tuple[tuple[str, int | str], ...]:
        thread = self.state.threads.get(track)
        if thread is None:
            return (("then", "ended"),)
        if not thread.states & BLOCKED:
            return (("then", "ready"),)
        if thread.states & States.SUSPENDED:
            return (("then", "suspended"),)
        service, what = thread.waits_for
        return (("then", f"waits in {service}"), *((("object", what),) if what else ()))

    # Services -----------------------------------------------------------------------------------------------------------

    def traced(self, prototype: Prototype, function: Callable[..., Any]) -> Callable[..., Any]:
        """A service's function that notes when it begins and ends, and the object: its first argument that is a pointer."""
        name, add = prototype.name, self.add
        pointers = [at for at, parameter in enumerate(prototype.parameters) if isinstance(parameter.type, Pointer)]

        def noted(*values: Any) -> Any:
            track = self._track()
            add(
                "B",
                track,
                "service",
                name,
                tuple((prototype.parameters[at].name or "object", values[at]) for at in pointers[:1]),
            )
            try:
                return function(*values)
            finally:
                add("E", track, "service", name)

        return noted


class TracedLoop(Loop):
    """The loop that tells a trace who gets the CPU."""

    def __init__(self, kernel: Kernel, trace: Trace) -> None:
        super().__init__(kernel)
        self._trace = trace
        self._line = -1

    def direct(self, event: Event | MachineFault) -> int:
        """As it is; a handler that has returned has done with the CPU."""
        if event is Event.RETURNED:
            self._trace.nobody()
        return super().direct(event)

    def _fatal(self, fault: MachineFault) -> int:
        self._trace.instant("fault", f"fault: {fault.reason}")
        return super()._fatal(fault)

    def _take(self, interrupt: Interrupt) -> int:
        self._line = interrupt.irq
        return super()._take(interrupt)

    def _handle(self, function: int, arguments: tuple[int, ...], top: int) -> int:
        line: tuple[tuple[str, int | str], ...] = (("irq", str(self._line)),) if self._line >= 0 else ()
        self._line = -1
        self._trace.interrupt(function, (*line, *(("argument", value) for value in arguments[:1])))
        return super()._handle(function, arguments, top)

    def _resume(self, thread: Thread) -> int:
        self._trace.thread(thread)
        return super()._resume(thread)

    def _idle(self) -> None:
        self._trace.nobody()
        super()._idle()
