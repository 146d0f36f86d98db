"""llext_load and its like for C code: the loader's generator, driven by a loop of the guest runtime.

That loop (``zephyr/runtime/kernel/llext.c``) calls the functions of the loader that C code brings, which may wait. Here
each of the loader's requests becomes bytes of struct z_llext_request, and the answer what the generator goes on with.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from llext.abi.catalogue.extensions import REQUEST
from llext.errors import Errno, HeapError, LlextError, LoadError
from llext.heap import SysHeap
from llext.kernel.registry import service
from llext.loader import Extension, Finalize, Load, Loader, Locate, Peek, Prepare, Read, Request, Seek, Storage
from llext.machine import MachineFault

if TYPE_CHECKING:
    from llext.kernel.kernel import Kernel

_PREPARE, _SEEK, _READ, _PEEK, _FINALIZE = range(5)
_ASKS = 0x10000
"""Z_LLEXT_ASKS: there is a request to answer."""
_KIND, _BUFFER, _RESULT = (REQUEST.offsets[name] for name in ("kind", "buffer", "result"))


class Returned(LoadError):
    """What a function of the loader returned instead of 0; ``code`` is that number, as llext_load returns it."""

    def __init__(self, function: str, code: int) -> None:
        known = next((each for each in Errno if each == -code), None)
        super().__init__(f"the loader's {function} returned {code}", hint=_WRONG if code > 0 else _FAILED, errno=known)
        self.code = code


_FAILED = "its storage has an error, or the function has: it returns 0 when all is well."
_WRONG = "a loader's function returns 0 when all is well, also read, and a negative error number otherwise."


@dataclass
class Extensions:
    """What C code loads extensions with.

    Attributes:
        loader: The board's.
        buffers: Memory for what a loader reads.
        load: The load in progress; one at a time, which a mutex of the guest runtime sees to.
        asked: What it asked for last.
        lent: The memory that the loader in progress reads into, 0 if it reads nothing now.
        result: Where the address of the struct llext goes.
        dynamic: Whether the application gives the heap (CONFIG_LLEXT_HEAP_DYNAMIC).
        heap_given: Whether it has.
        refused: Told of each llext_load and llext_unload that fails: the C code has only a number.
    """

    loader: Loader
    buffers: SysHeap
    load: Load[Extension] | None = None
    asked: Request | None = None
    lent: int = 0
    result: int = 0
    dynamic: bool = False
    heap_given: bool = False
    refused: Callable[[LlextError], None] | None = None

    def __post_init__(self) -> None:
        self.no_heap = self.loader.heap

    def take_back(self) -> None:
        """Frees what the loader read into; a thread that was ended in the midst of a load left it."""
        if self.lent:
            self.buffers.free(self.lent)
            self.lent = 0

    def refuse(self, error: LlextError) -> None:
        """Says why something was not loaded or unloaded: to the log, and to who asked to be told."""
        self.loader.say("err", error.message)
        if self.refused:
            self.refused(error)


def _of(kernel: Kernel) -> Extensions:
    extensions = kernel.extensions
    assert extensions is not None  # the board has powered it on
    return extensions


@service("z_llext_begin")
def z_llext_begin(kernel: Kernel, name: int, result: int, request: int) -> int:
    """Begins a load from the storage that the request tells of.

    What is loaded under that name already is held once more, and its use count before is returned.
    """
    extensions = _of(kernel)
    text = kernel.guest.string(name, None).decode("utf-8", "replace")
    kind = kernel.guest.word(request + _KIND)
    storage = Storage(kind) if kind in list(Storage) else Storage.TEMPORARY
    extensions.result = result
    extensions.take_back()
    try:
        extensions.load = extensions.loader.load(text, origin=f"llext_load({text!r})", storage=storage)
    except LlextError as failure:
        extensions.refuse(failure)
        return _done(kernel, 0, -int(failure.errno or Errno.EINVAL))
    return _step(kernel, request, None, None)


@service("z_llext_answer")
def z_llext_answer(kernel: Kernel, request: int) -> int:
    """Goes on with what a loader's function returned."""
    extensions = _of(kernel)
    asked, code, buffer = extensions.asked, _signed(kernel.guest.word(request + _RESULT)), kernel.guest.word(request + _BUFFER)
    data = kernel.machine.memory.read(extensions.lent, asked.size) if isinstance(asked, Read) and not code else b""
    extensions.take_back()
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
    return _step(kernel, request, answer, None)


def _step(kernel: Kernel, request: int, answer: Any, error: LlextError | None) -> int:
    """To the loader's next request, or its end: how many held the extension before, or an error number."""
    extensions = _of(kernel)
    load = extensions.load
    assert load is not None
    try:
        asked = next(load) if answer is None and error is None else load.throw(error) if error else load.send(answer)
    except StopIteration as end:
        return _done(kernel, end.value.address, end.value.use_count - 1)
    except Returned as failure:
        extensions.refuse(failure)
        return _done(kernel, 0, failure.code if failure.code != _ASKS else -Errno.EIO)
    except LlextError as failure:
        extensions.refuse(failure)
        return _done(kernel, 0, -int(failure.errno or Errno.ENOEXEC))
    extensions.asked = asked
    if _ask(kernel, request, asked):
        return _ASKS
    words = f"no memory to read {getattr(asked, 'size', 0)} bytes of the file into"
    return _step(kernel, request, None, LoadError(words, hint="is the file damaged?", errno=Errno.ENOMEM))


def _ask(kernel: Kernel, request: int, asked: Request) -> bool:
    """Writes a request; False if there is no memory for what it reads."""
    kinds = {Prepare: _PREPARE, Seek: _SEEK, Read: _READ, Peek: _PEEK, Locate: _PEEK, Finalize: _FINALIZE}
    offset, size, buffer = getattr(asked, "offset", 0), getattr(asked, "size", 0), 0
    if isinstance(asked, Read):
        buffer = _of(kernel).lent = _of(kernel).buffers.aligned_alloc(16, max(1, size)) or 0
        if not buffer:
            return False
    values = {"kind": kinds[type(asked)], "offset": offset, "size": size, "buffer": buffer, "result": 0}
    REQUEST.write(kernel.guest.writable(request, REQUEST.size), values)
    return True


def _done(kernel: Kernel, address: int, result: int) -> int:
    extensions = _of(kernel)
    extensions.load = extensions.asked = None
    kernel.guest.write_word(extensions.result, address)
    return result


def _signed(word: int) -> int:
    return word - (1 << 32) if word & 1 << 31 else word


@service("z_llext_unload")
def z_llext_unload(kernel: Kernel, address: int) -> int:
    """How many holders are left; 0 if it is gone."""
    extensions = _of(kernel)
    extension = next((each for each in extensions.loader.extensions if each.address == address), None)
    if extension is None:
        return -Errno.ENOENT
    try:
        return extensions.loader.unload(extension)
    except LlextError as failure:
        extensions.refuse(failure)
        return -int(failure.errno or Errno.EINVAL)


@service("z_llext_next")
def z_llext_next(kernel: Kernel, address: int) -> int:
    """The extension that was loaded behind one, the first for NULL; NULL behind the last."""
    addresses = [each.address for each in _of(kernel).loader.extensions]
    if not address:
        return addresses[0] if addresses else 0
    behind = addresses.index(address) + 1 if address in addresses else len(addresses)
    return addresses[behind] if behind < len(addresses) else 0


@service("llext_heap_init")
def llext_heap_init(kernel: Kernel, memory: int, size: int) -> int:
    """0; -ENOSYS where the heap is not the application's, -EEXIST if it was given already."""
    extensions = _of(kernel)
    if not extensions.dynamic:
        return -Errno.ENOSYS
    if extensions.heap_given:
        return -Errno.EEXIST
    kernel.guest.write(memory, bytes(size))  # it is memory, all of it
    try:
        extensions.loader.heap = SysHeap.init(kernel.machine.memory.view(memory, size), memory)
    except HeapError as error:
        raise MachineFault(f"llext_heap_init: {error.message}", None) from error
    extensions.heap_given = True
    return 0


@service("llext_heap_uninit")
def llext_heap_uninit(kernel: Kernel) -> int:
    """0; -ENOSYS, -EEXIST if there is none, -EBUSY while something is loaded."""
    extensions = _of(kernel)
    if not extensions.dynamic:
        return -Errno.ENOSYS
    if not extensions.heap_given:
        return -Errno.EEXIST
    if extensions.loader.extensions:
        return -Errno.EBUSY
    extensions.loader.heap, extensions.heap_given = extensions.no_heap, False
    return 0
