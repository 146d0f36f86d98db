"""A board powered on: target, machine, kernel and loader put together. No logic of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, overload

from llext.board.configuration import BANNER
from llext.board.console import Console
from llext.board.places import Places
from llext.board.power import APPLICATION, application_firmware, bare_firmware, boot_banner, check_clock, started_kernel
from llext.elf import ElfFile
from llext.errors import Errno, GuestFault, HeapError, LlextError, LoadError, UsageError, expect, nearest
from llext.heap import SysHeap
from llext.kernel import (
    IRQS,
    Extensions,
    LogOptions,
    TraceEvent,
    announce,
    choose,
    export,
    in_use,
    power_off,
    raise_irq,
    rendered,
    say,
)
from llext.link import NEWEST, VERSIONS, StockRules, stock_rules
from llext.loader import (
    Caller,
    Crash,
    Extension,
    FileSource,
    Loader,
    Log,
    Result,
    Scope,
    Source,
    Value,
    drive,
    place_of,
    source_of,
)
from llext.machine import GuestMemory, Machine, MachineFault, Permission

F = TypeVar("F", bound=Callable[..., Any])

_LONGEST = 1 << 40
"""Milliseconds that a board can be let run for."""
_PAINT = b"\xaa"
"""What an untouched stack is filled with, as CONFIG_INIT_STACKS does."""


@dataclass
class CallCost:
    """What calls took, in bytes: the deepest stack, the most that the system heap held for them."""

    stack: int = 0
    heap: int = 0


_NOT_BOOTED = (
    "the application was not booted: board.boot() makes the thread in which its init functions and main run, beside its others"
)


def _check_told(**given: object) -> None:
    for what, told in given.items():
        expect(what, told, Callable, type(None), hint="it is a function that is told.")


class Board:
    """A virtual board with the kernel services, ready to load extensions.

    Args:
        name: ``llext boards`` lists them; mps2/an385 unless given, or what the application is built for.
        app: An application: its folder, which is built if need be, or its zephyr.elf. Heap, rights, log and the like are then
            what its configuration says.
        heap_size: Bytes of the LLEXT heap; by default 64 KiB, or what a small board has.
        mpu: Keep memory rights (rule ``guarded``); False is Zephyr with CONFIG_ARM_MPU=n (rule ``no-mpu``).
        zephyr: Version whose notes, sizes and structures apply.
        timeout: Wall seconds that one call may take, and ``run`` and ``run_for`` of an application without its time going on.
        output: Told of every piece of console output as it comes.
        log: Takes the loader's log lines as (level, text).
        heap_address: Where the LLEXT heap lies; only to compare with a device's.
        logging: How guest code's log is written: a mode, or ``LogOptions``.
        banner: Print Zephyr's boot banner.
        trace: Note who runs when, for ``trace`` and ``write_trace``.
        seed: What random numbers of guest code begin with; two boards with one seed have the same.
        clock: ``free``: computing takes no time; ``counted``: an instruction takes a cycle, with time slices, and interrupts
            in the midst of computing; that is about four times slower.

    Raises:
        TargetError: there is no such board.
        UsageError: the heap does not fit the board's memory.
        ElfError: the application's file is damaged.
    """

    def __init__(
        self,
        name: str | None = None,
        *,
        app: str | os.PathLike[str] | None = None,
        heap_size: int | None = None,
        mpu: bool = True,
        zephyr: str = NEWEST,
        timeout: float = 10.0,
        output: Callable[[bytes], None] | None = None,
        log: Log | None = None,
        heap_address: int | None = None,
        clock: str = "free",
        logging: str | LogOptions = "immediate",
        banner: bool = False,
        trace: bool = False,
        seed: int = 0,
    ) -> None:
        expect("app", app, str, os.PathLike, type(None), hint=APPLICATION)
        expect("heap_size", heap_size, int, type(None), hint="it is a whole number of bytes.")
        expect("heap_address", heap_address, int, type(None))
        expect("seed", seed, int)
        expect("zephyr", zephyr, str, hint=f"a version: {', '.join(VERSIONS)}.")
        _check_told(output=output, log=log)
        check_clock(clock)
        expect("logging", logging, str, LogOptions, hint="it is a mode: immediate, deferred or minimal; or LogOptions.")
        log_options = logging if isinstance(logging, LogOptions) else LogOptions(logging)
        rules = stock_rules(zephyr)
        self.firmware = (
            bare_firmware(name, zephyr, heap_size, heap_address, log_options)
            if app is None
            else application_firmware(app, name)
        )
        self.target, self.layout = self.firmware.target, self.firmware.layout
        with self.firmware.intact():
            self._start_machine(output, clock=clock, trace=trace, mpu=mpu, seed=seed)
            self.timeout = timeout
            self._start_loader(rules, log)
            text = self.firmware.configured.banner or (BANNER if banner else "")
            self.kernel.banner = boot_banner(text, zephyr, self.firmware.configured.kernel.boot_delay)
            if banner and app is None:
                self.kernel.write_console(self.kernel.banner)

    def _start_machine(self, output: Callable[[bytes], None] | None, *, clock: str, trace: bool, mpu: bool, seed: int) -> None:
        """Memory, CPU and kernel, with the firmware in them."""
        layout, wanted = self.layout, self.firmware.configured
        self.machine = Machine(self.target, guarded=mpu and wanted.mpu)
        self.machine.stack_bottom, self.machine.stack_top = layout.stack, layout.stack_top
        self.machine.trap = layout.trap
        self.firmware.protect(self.machine)
        self.machine.protect(layout.isr_stack - self.target.granule, self.target.granule, Permission.NONE)
        self.scope = Scope()
        self._places = Places(self.target, layout, self.scope, self._code)
        self.kernel = started_kernel(self.machine, self.firmware, output, clock=clock, trace=trace)
        self.kernel.state.chance = seed
        self.kernel.describe = self.describe
        if self.kernel.trace is not None:
            self.kernel.trace.name_of = self._places.symbol
        self.firmware.install(self.kernel, self.scope)
        choose(self.kernel, wanted.log, self.firmware.log_room)

    def _start_loader(self, rules: StockRules, log: Log | None) -> None:
        """Heaps, calls and the loader, and what the kernel asks of them."""
        layout, wanted, memory = self.layout, self.firmware.configured, self.machine.memory
        self.heap = SysHeap.init(memory.view(layout.heap, layout.heap_size), layout.heap)
        buffers = SysHeap.init(memory.view(layout.buffers.address, layout.buffers.size), layout.buffers.address)
        self.caller = Caller(
            self.machine,
            buffers,
            self._places.locate,
            self._places.calling,
            self.describe,
            self._keep,
            partial(announce, self.kernel),
        )
        self._loader = Loader(self.machine, self.heap, self.scope, self.caller, rules, log, partial(in_use, self.kernel))
        self._loader.all_globals, self._loader.keep_symbols = wanted.all_globals, wanted.keeps_symbols
        self._loader.debug_folder, self._loader.more_heap = self.firmware.debug_folder, self.firmware.more_heap
        self.firmware.load_runtime(self.machine, self.scope)
        self._application = self.firmware.code(self.caller)
        self.kernel.extensions = Extensions(self._loader, buffers, dynamic=wanted.dynamic_heap)
        if log is None and wanted.llext_log:
            self._loader.log = partial(say, self.kernel, "llext", wanted.llext_log)
            self._loader.verbose = wanted.keeps_symbols
        self.kernel.runtime = lambda runtime: self.firmware.runtime_address(runtime, self.scope)
        self.kernel.find = self._exported_address

    # The application --------------------------------------------------------------------------------------------------

    def boot(self) -> None:
        """Makes the application's main thread; it runs, as all threads do, in ``run``, ``run_for`` and calls.

        Raises:
            UsageError: the board has no application, or it was booted already.
            ElfError: the application's file is damaged.
        """
        self.firmware.begin(self.kernel)

    def call(self, name: str, *values: Value) -> Result:
        """Calls a function of the application; its type comes from the file's debug information.

        All threads run meanwhile if the function waits. It may take ``timeout`` seconds of wall time, waits included.
        Before ``boot`` it runs in firmware in which nothing has run yet: no SYS_INIT, no constructor, no thread.

        Raises:
            UsageError: it has no such function; the message names the nearest ones.
            GuestFault: it ended in a fault, or did not end.
        """
        if not self._application:
            raise UsageError("a bare board has no application to call", hint="call an extension's function: ext.fn(name)(...).")
        expect("the name of a function", name, str)
        own = self._application[0]
        if name not in own.exports:
            near = nearest(name, own.exports, cutoff=0.7)
            first = f"did you mean {' or '.join(near)}? " if near else ""
            raise UsageError(
                f"the application has no function {name!r}",
                hint=f"{first}What nothing uses is not linked; EXPORT_SYMBOL({name}) keeps it"
                + ("." if self.firmware.configured.llext else ", with CONFIG_LLEXT=y."),
                errno=Errno.ENOENT,
            )
        symbol = own.exports[name]
        if not symbol.code:
            raise UsageError(
                f"{name!r} is a variable of the application, at {symbol.address:#010x}, not a function",
                hint=f"read it from memory: board.memory[{symbol.address:#x}:{symbol.address:#x} + size].",
            )
        try:
            return own.fn(name)(*values)
        except GuestFault as fault:
            if not self.kernel.state.application:
                fault.notes += (_NOT_BOOTED,)
                fault.details["notes"] = list(fault.notes)
            raise

    def run(self) -> None:
        """Lets everything run until the application's main has returned, or waits for input, and nothing can happen any more."""
        self._let_run(0xFFFFFFFF, 0xFFFFFFFF, until_idle=True)

    def _exported_address(self, name: str) -> int:
        """Address of what an extension exports under a name, 0 if none does."""
        return next((extension.find_sym(name) or 0 for extension in self.extensions if name in extension.exports), 0)

    # Extensions -------------------------------------------------------------------------------------------------------

    def load(
        self,
        source: Source | str | os.PathLike[str] | bytes | bytearray | memoryview,
        name: str | None = None,
        *,
        strict: bool = False,
    ) -> Extension:
        """Loads an extension; its init arrays run only by ``bringup``.

        Args:
            source: A path, the bytes of the file, or a source of your own.
            name: Its name, cut to 15 bytes of UTF-8; the file's name without suffix unless given. What is loaded under
                a given name already is not loaded again.
            strict: Refuse what stock Zephyr refuses, with its errno.

        Raises:
            UsageError: it is nothing to load, or the name is none.
            ElfError: the file is malformed.
            LoadError: it cannot be loaded, or another file's name gave the same name; nothing has changed on the board.
            HeapError: the LLEXT heap has no room.
        """
        origin = source_of(source)
        path = origin.path if isinstance(origin, FileSource) else None
        with self.machine.turn:
            if name is None:
                name = self._name_of(origin, path)
            extension = drive(self._loader.load(name, origin=origin.name, path=path, strict=strict), origin)
            self._note(f"load {extension.name}")
            return extension

    def _name_of(self, origin: Source, path: Path | None) -> str:
        """The name that a source gives. It must not lead to another source's extension."""
        stem = path.stem if path is not None else Path(origin.name).stem.strip("<>")
        name = os.fsencode(stem).decode(errors="replace") or "extension"
        known = self._loader.by_name(name)
        if known is not None and known.full_name == name and not _same_file(known.path, path):
            raise LoadError(
                f"{origin.name}: an extension {name!r} is loaded already, from {known.origin}",
                hint="give it another name: another file name, or board.load(..., name=...).",
                errno=Errno.EEXIST,
            )
        return name

    def unload(self, extension: Extension) -> int:
        """Gives one load of an extension up and returns how many holders are left.

        Raises:
            LoadError: it is not loaded, others hold it, or its code is not done yet.
            HeapError: it is gone, and guest code has damaged the LLEXT heap.
        """
        with self.machine.turn:
            try:
                left = self._loader.unload(extension)
                self._note(f"unload {extension.name}")
                return left
            finally:
                devices = self.kernel.state.devices
                devices[:] = [device for device in devices if place_of(self._loader.extensions, device)]

    def by_name(self, name: str) -> Extension | None:
        """The loaded extension of this name."""
        return self._loader.by_name(name)

    @property
    def extensions(self) -> tuple[Extension, ...]:
        """What is loaded, in load order."""
        return tuple(self._loader.extensions)

    def check(self, elf: ElfFile) -> None:
        """Raises LoadError if a file is for another instruction set, class, byte order or float ABI."""
        self._loader.check_identity(elf)

    def interrupt(self) -> None:
        """Stops guest code that runs in another thread; its call ends with a GuestFault."""
        self.machine.interrupt()

    # Time and interrupts ------------------------------------------------------------------------------------------------

    def run_for(self, *, ms: float) -> None:
        """Lets all threads run for so much virtual time, while that of calls from Python sleeps.

        Args:
            ms: Milliseconds from now.

        Raises:
            UsageError: guest code runs already.
            GuestFault: a thread ended in a fault, or one computes without end.
        """
        expect("ms", ms, int, float, hint="board.run_for(ms=10)")
        if not 0 <= ms < _LONGEST:
            raise UsageError(
                f"a time of {ms} ms", hint=f"give milliseconds from 0 on, below {_LONGEST}: 30 years are the most."
            )
        if self.machine.nesting:
            raise UsageError("guest code runs already", hint="call board.run_for while no call runs.")
        scheduler = self.kernel.scheduler
        end = scheduler.now + round(ms * scheduler.ticks_per_second / 1000)
        until = (-2 - end) & (1 << 64) - 1
        if end <= scheduler.now:
            until = 0
        self._let_run(until & 0xFFFFFFFF, until >> 32)

    def _let_run(self, *ticks: int, until_idle: bool = False) -> None:
        """Lets calls from Python sleep for a k_timeout_t, and all others run."""
        state = self.kernel.state
        with self.machine.turn:
            before = state.until_idle, state.lets_run
            state.until_idle, state.lets_run = until_idle, True
            try:
                self._call_service("z_impl_k_sleep", ticks)
            finally:
                state.until_idle, state.lets_run = before

    def raise_irq(self, number: int) -> None:
        """Raises an interrupt, as a device does. It is taken at once; from inside a call, when that goes on.

        One that is not enabled waits until it is; one that is raised again before it was taken is taken once.

        Args:
            number: Of the interrupt, as IRQ_CONNECT knows it.

        Raises:
            GuestFault: its handler ended in a fault, or nobody has connected one.
        """
        expect("the number of an interrupt", number, int)
        if not 0 <= number < IRQS:
            raise UsageError(f"interrupt {number}", hint=f"there are 0 to {IRQS - 1}.")
        raise_irq(self.kernel, number)
        if not self.machine.nesting:
            self.machine.away = True
            self._call_service("k_is_pre_kernel")

    def _call_service(self, name: str, core: tuple[int, ...] = ()) -> None:
        self.caller.run(self.kernel.stubs.entry(name), core)

    @contextmanager
    def measure(self) -> Iterator[CallCost]:
        """Measures the calls in its block: the deepest stack and the most that the system heap held beyond now.

        Raises:
            UsageError: guest code runs, and the stack that would be painted is its.
        """
        if self.machine.nesting:
            raise UsageError("a call runs: its stack cannot be measured from inside", hint="measure around the outermost call.")
        layout, heap = self.layout, self.kernel.system_heap
        stack = self.memory.view(layout.stack, layout.stack_top - layout.stack)
        stack[:] = _PAINT * len(stack)
        heap.reset_peak()
        before = heap.allocated_bytes
        cost = CallCost()
        try:
            yield cost
        finally:
            untouched = len(stack) - len(bytes(stack).lstrip(_PAINT))
            cost.stack = len(stack) - untouched
            with suppress(HeapError):  # guest code has damaged it, which the call has told or the next use will
                cost.heap = heap.peak - before

    # Python as firmware -------------------------------------------------------------------------------------------------

    @overload
    def export(self, function: F) -> F: ...
    @overload
    def export(self, *, name: str | None = None, prototype: str | None = None) -> Callable[[F], F]: ...
    def export(
        self, function: F | None = None, *, name: str | None = None, prototype: str | None = None
    ) -> F | Callable[[F], F]:
        """Makes a Python function callable by extensions under its name; a decorator, with or without arguments.

        Args:
            function: The function. Annotations int, float (C double), str and None say its C type.
            name: Another name for guest code.
            prototype: Its C type where annotations do not say enough; pointers then arrive as integers.
        """

        def register(given: F) -> F:
            expect("a name for guest code", name, str, type(None))
            expect("a prototype", prototype, str, type(None), hint="like this: 'int f(const uint8_t *data, size_t size)'.")
            chosen = name or str(getattr(given, "__name__", ""))
            if not chosen.isidentifier():
                raise UsageError(f"{given!r} has no name that guest code could call", hint="give one: name='f'.")
            self.scope.check_free(chosen)
            self.scope.define(export(self.kernel, given, chosen, prototype))
            return given

        return register if function is None else register(function)

    @property
    def memory(self) -> GuestMemory:
        """Guest memory: ``board.memory[address:address + n]`` reads and writes bytes; rights do not apply."""
        return self.machine.memory

    @property
    def console(self) -> Console:
        """What guest code printed so far: the last MiB, if it was more. Its ``send`` types."""
        return Console(self.kernel.console.decode("utf-8", "replace"), self.kernel.receive)

    @property
    def console_dropped(self) -> int:
        """How many bytes were printed before what ``console`` still has. ``output`` is told of all of them."""
        return self.kernel.console_dropped

    @property
    def timeout(self) -> float:
        """Wall seconds that one call may take, however much virtual time goes by.

        ``run`` and ``run_for`` of an application may take longer, while its virtual time goes on.
        """
        return self.machine.timeout

    @timeout.setter
    def timeout(self, seconds: float) -> None:
        expect("timeout", seconds, int, float, hint="it is a number of seconds.")
        if not seconds > 0:
            raise UsageError(f"a timeout of {seconds} s", hint="give a number of seconds above 0.")
        self.machine.timeout = seconds

    # What happened ---------------------------------------------------------------------------------------------------------

    @property
    def trace(self) -> tuple[TraceEvent, ...]:
        """What happened so far, of a board with ``trace=True``: the first million events; none otherwise."""
        return tuple(self.kernel.trace.events) if self.kernel.trace is not None else ()

    def write_trace(self, path: str | os.PathLike[str]) -> None:
        """Writes what happened so far as a file for ui.perfetto.dev or chrome://tracing.

        Raises:
            UsageError: the board keeps no trace.
        """
        if self.kernel.trace is None:
            raise UsageError("this board keeps no trace", hint="power it on with Board(trace=True).")
        Path(path).write_text(rendered(self.kernel.trace, self.target.name), "utf-8")

    def _note(self, what: str) -> None:
        if self.kernel.trace is not None:
            self.kernel.trace.instant("extension", what)

    def describe(self, address: int) -> str:
        """What lies at an address, in words."""
        return self._places.describe(address)

    def _code(self) -> list[Extension]:
        """All code that has symbols: what is loaded, and the application."""
        return [*self._loader.extensions, *self._application]

    def _keep(self, fault: MachineFault) -> Crash:
        """What the report of a fault will need."""
        return Crash(self.machine, self._code(), fault, self._places.locate)

    def __enter__(self) -> Board:
        return self

    def __exit__(self, kind: object, *exception: object) -> None:
        """Unloads everything. What goes wrong with that is told only if nothing else went wrong before."""
        power_off(self.kernel)
        for extension in reversed(self.extensions):
            try:
                while extension.loaded:
                    self.unload(extension)
            except LlextError:
                if kind is None:
                    raise


def _same_file(one: Path | None, other: Path | None) -> bool:
    return one is not None and other is not None and os.path.realpath(one) == os.path.realpath(other)
