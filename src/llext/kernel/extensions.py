"""llext_load and its like for C code: the loader's generator, driven by a loop of the guest runtime.

That loop (``zephyr/runtime/kernel/llext.c``) calls the functions of the loader that C code brings, which may wait. Here
each of the loader's requests becomes bytes of struct z_llext_request, and the answer what the generator goes on with.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from llext.abi.catalogue.extensions import LOADER, PARAM, REQUEST
from llext.errors import Errno, HeapError, LlextError, LoadError
from llext.heap import SysHeap
from llext.kernel.log import flush
from llext.kernel.registry import service
from llext.loader import (
    Extension,
    Finalize,
    IsDetached,
    Load,
    Loader,
    LoadParam,
    Locate,
    Peek,
    Prepare,
    Read,
    Request,
    Seek,
    Storage,
)
from llext.machine import MachineFault

if TYPE_CHECKING:
    from llext.kernel.kernel import Kernel

_PREPARE, _SEEK, _READ, _PEEK, _FINALIZE, _DETACHED = range(6)
_ASKS = 0x10000
"""Z_LLEXT_ASKS: there is a request to answer."""
_LOADER, _PARAM, _LOCK, _BUFFER, _RESULT = (REQUEST.offsets[name] for name in ("loader", "param", "lock", "buffer", "result"))


class Returned(LoadError):
    """What a function of the loader returned instead of 0; ``code`` is that number, as llext_load returns it."""

    def __init__(self, function: str, code: int) -> None:
        known = next((each for each in Errno if each == -code), None)
        super().__init__(f"the loader's {function} returned {code}", hint=_WRONG if code > 0 else _FAILED, errno=known)
        self.code = code


_FAILED = "its storage has an error, or the function has: it returns 0 when all is well."
_WRONG = "a loader's function returns 0 when all is well, also read, and a negative error number otherwise."


@dataclass
class Loading:
    """One load in progress.

    Attributes:
        load: The loader's.
        struct: Address of its struct llext_loader.
        result: Where the address of the struct llext goes.
        lock: Address of the mutex that its thread holds.
        thread: Address of the thread.
        asked: What it asked for last.
        lent: The memory that the loader reads into, 0 if it reads nothing now.
    """

    load: Load[Extension]
    struct: int
    result: int
    lock: int
    thread: int
    asked: Request | None = None
    lent: int = 0


@dataclass
class Extensions:
    """What C code loads extensions with.

    Attributes:
        loader: The board's.
        buffers: Memory for what a loader reads.
        loading: The loads in progress, of one thread, which a mutex of the guest runtime sees to: the functions of a loader may load.
        kept: Which extension's section map each struct llext_loader has, of loads with keep_section_info.
        dynamic: Whether the application gives the heap (CONFIG_LLEXT_HEAP_DYNAMIC).
        heap_given: Whether it has.
        refused: Told of each llext_load and llext_unload that fails: the C code has only a number.
    """

    loader: Loader
    buffers: SysHeap
    loading: list[Loading] = field(default_factory=list)
    kept: dict[int, Extension] = field(default_factory=dict)
    dynamic: bool = False
    heap_given: bool = False
    refused: Callable[[LlextError], None] | None = None

    def __post_init__(self) -> None:
        self.no_heap = self.loader.heap

    def take_back(self, loading: Loading) -> None:
        """Frees what a loader read into."""
        if loading.lent:
            lent, loading.lent = loading.lent, 0
            try:
                self.buffers.free(lent)
            except HeapError as error:
                words = f"the loader's read wrote beyond the {getattr(loading.asked, 'size', 0)} bytes that it was asked for"
                raise MachineFault(f"{words}: {error.message}", None) from error

    def give_up(self, thread: int | None = None) -> list[int]:
        """Undoes the loads in progress, of a thread that has ended or of all; returns the mutexes that their threads hold."""
        gone = [each for each in self.loading if thread is None or each.thread == thread]
        for loading in reversed(gone):
            self.loading.remove(loading)
            with suppress(MachineFault):  # nobody is left who could be told of damage
                self.take_back(loading)
            loading.load.close()
        return [each.lock for each in gone]

    def at(self, address: int) -> Extension | None:
        """What is loaded and has its struct llext at an address."""
        return next((each for each in self.loader.extensions if each.address == address), None)

    def refuse(self, error: LlextError) -> None:
        """Says why something was not loaded or unloaded: to the log, and to who asked to be told."""
        self.loader.say("err", error.message)
        if self.refused:
            self.refused(error)


def extensions_of(kernel: Kernel) -> Extensions:
    """What C code loads extensions with."""
    extensions = kernel.extensions
    assert extensions is not None  # the board has powered it on
    return extensions


@service("z_llext_begin")
def z_llext_begin(kernel: Kernel, request: int, name: int, result: int) -> int:
    """Begins a load from the loader, and in the way, that the request tells of.

    What is loaded under that name already is held once more, and its use count before is returned.
    """
    extensions, guest = extensions_of(kernel), kernel.guest
    text = guest.string(name, None).decode("utf-8", "replace")
    struct = guest.word(request + _LOADER)
    param = _param(kernel, guest.word(request + _PARAM))
    _warn(kernel, text, struct, result)
    try:
        known = extensions.loader.by_name(text) is not None  # then nobody looks at the loader
        kind = Storage.TEMPORARY if known else guest.word(struct + LOADER.offsets["storage"])
        storage = Storage(kind) if kind in list(Storage) else Storage.TEMPORARY
        load = extensions.loader.load(text, origin=f"llext_load({text!r})", storage=storage, param=param)
    except LlextError as failure:
        extensions.refuse(failure)
        guest.write_word(result, 0)
        return -int(failure.errno or Errno.EINVAL)
    extensions.loading.append(Loading(load, struct, result, guest.word(request + _LOCK), kernel.state.current))
    return _step(kernel, request, None, None)


def _param(kernel: Kernel, address: int) -> LoadParam:
    data = kernel.guest.read(address, PARAM.size)
    given = {name: bool(PARAM.read(data, name)) for name in ("relocate_local", "pre_located", "keep_section_info")}
    return LoadParam(**given, asks_detached=bool(PARAM.read(data, "section_detached")), inspected=True)


def _warn(kernel: Kernel, name: str, struct: int, result: int) -> None:
    """Of what nobody can unload, or look into, any more when this load succeeds."""
    extensions = extensions_of(kernel)
    held, kept = extensions.at(kernel.guest.word(result)), extensions.kept.get(struct)
    if held is not None and held.full_name != name:
        extensions.loader.say(
            "wrn",
            f"llext_load({name!r}): the pointer for it still holds extension {held.name!r}; llext_by_name finds that one again",
        )
    if kept is not None and kept.loaded and kept.full_name != name:
        extensions.loader.say(
            "wrn",
            f"llext_load({name!r}): its loader still has the section map of extension {kept.name!r}: llext_free_inspection_data first",
        )


@service("z_llext_answer")
def z_llext_answer(kernel: Kernel, request: int) -> int:
    """Goes on with what a loader's function returned."""
    extensions = extensions_of(kernel)
    loading = extensions.loading[-1]
    asked, code, buffer = loading.asked, _signed(kernel.guest.word(request + _RESULT)), kernel.guest.word(request + _BUFFER)
    data = kernel.machine.memory.read(loading.lent, asked.size) if isinstance(asked, Read) and not code else b""
    extensions.take_back(loading)
    if code:
        return _step(kernel, request, None, Returned(type(asked).__name__.lower(), code))
    answer: Any = None
    if isinstance(asked, Read):
        answer = data
    elif isinstance(asked, Peek) and buffer:
        try:
            answer = kernel.machine.memory.view(buffer, asked.size)
        except LlextError as failure:
            raise MachineFault(f"the loader's peek returned {buffer:#010x}: {failure.message}", None) from failure
    elif isinstance(asked, Locate) and buffer:
        answer = buffer
    elif isinstance(asked, IsDetached):
        answer = bool(buffer)
    return _step(kernel, request, answer, None)


def _step(kernel: Kernel, request: int, answer: Any, error: LlextError | None) -> int:
    """To the loader's next request, or its end: how many held the extension before, or an error number."""
    extensions = extensions_of(kernel)
    loading = extensions.loading[-1]
    load = loading.load
    try:
        asked = next(load) if answer is None and error is None else load.throw(error) if error else load.send(answer)
    except StopIteration as end:
        _tell_loader(kernel, loading, end.value)
        return _done(kernel, end.value.address, end.value.use_count - 1)
    except Returned as failure:
        extensions.refuse(failure)
        return _done(kernel, 0, failure.code if failure.code != _ASKS else -Errno.EIO)
    except LlextError as failure:
        extensions.refuse(failure)
        return _done(kernel, 0, -int(failure.errno or Errno.ENOEXEC))
    loading.asked = asked
    if _ask(kernel, request, loading, asked):
        return _ASKS
    words = f"no memory to read {getattr(asked, 'size', 0)} bytes of the file into"
    return _step(kernel, request, None, LoadError(words, hint="is the file damaged?", errno=Errno.ENOMEM))


def _tell_loader(kernel: Kernel, loading: Loading, extension: Extension) -> None:
    """Fills the struct llext_loader of a load that succeeded: headers of file and regions, and the section map if it stays."""
    extensions, found = extensions_of(kernel), extension.inspection
    if found is None:  # it was loaded already
        return
    extension.inspection = None
    values: dict[str, int | bytes | list[int]] = {"hdr": found.header, "sect_map": found.section_map}
    view = kernel.guest.writable(loading.struct, LOADER.size)
    LOADER.write(view, values)
    start = LOADER.offsets["sects"]
    view[start : start + len(found.regions)] = found.regions
    extensions.kept.pop(loading.struct, None)
    if found.section_map:
        extensions.kept[loading.struct] = extension


def _ask(kernel: Kernel, request: int, loading: Loading, asked: Request) -> bool:
    """Writes a request; False if there is no memory for what it reads."""
    kinds = {
        Prepare: _PREPARE, Seek: _SEEK, Read: _READ, Peek: _PEEK, Locate: _PEEK, Finalize: _FINALIZE, IsDetached: _DETACHED,
    }  # fmt: skip
    offset, size, buffer = getattr(asked, "offset", 0), getattr(asked, "size", 0), 0
    if isinstance(asked, (Read, IsDetached)):
        size = size if isinstance(asked, Read) else len(asked.header)
        buffer = loading.lent = extensions_of(kernel).buffers.aligned_alloc(16, max(1, size)) or 0
        if not buffer:
            return False
        if isinstance(asked, IsDetached):
            kernel.machine.memory.view(buffer, size)[:] = asked.header
    values: dict[str, int | bytes | list[int]] = {
        "kind": kinds[type(asked)], "offset": offset, "size": size, "buffer": buffer, "result": 0,
    }  # fmt: skip
    REQUEST.write(kernel.guest.writable(request, REQUEST.size), values)
    return True


def _done(kernel: Kernel, address: int, result: int) -> int:
    kernel.guest.write_word(extensions_of(kernel).loading.pop().result, address)
    return result


def _signed(word: int) -> int:
    return word - (1 << 32) if word & 1 << 31 else word


@service("z_llext_unload")
def z_llext_unload(kernel: Kernel, address: int) -> int:
    """How many holders are left; 0 if it is gone. The log is written first, as Zephyr does, whose messages point into extensions."""
    flush(kernel)
    extensions = extensions_of(kernel)
    extension = extensions.at(address)
    if extension is None:
        return -Errno.ENOENT
    try:
        return extensions.loader.unload(extension)
    except LlextError as failure:
        extensions.refuse(failure)
        return -int(failure.errno or Errno.EINVAL)
