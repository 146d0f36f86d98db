"""A CPU with memory on the Unicorn emulator: registers, who may touch what, and which address a denied access meant.

Rights are answered granule by granule by the virtual TLB's fill callback, which is exact each time; ``UC_TLB_VIRTUAL``
caches only what was allowed.

The emulator's binding is bypassed where it is slow (registers, start, callbacks): the same library functions are
called through prebuilt ctypes arrays.
"""

from __future__ import annotations

import ctypes
import weakref
from collections.abc import Callable
from typing import Any

import unicorn
import unicorn.arm_const
import unicorn.unicorn_const as uc_const
from unicorn.unicorn_py3 import unicorn as binding

from llext.machine.memory import GuestMemory, Permission, Rights
from llext.machine.registers import MachineFault, Registers
from llext.target import NULL_PAGE_BYTES, Target

_ACCESS = {
    16: "read",
    17: "write",
    18: "execute",
    19: "read",
    20: "write",
    21: "execute",
    22: "write",
    23: "read",
    24: "execute",
}

_TWIN = 1 << 32
"""How far above its guest address memory is mapped once more, read only, where no guest address leads: ``_fill``."""


class Cpu:
    """The emulator of one CPU, ready to run.

    Args:
        target: The board's facts.
        guarded: Keep rights (rule ``guarded``); False leaves all memory to everybody (rule ``no-mpu``).

    Attributes:
        memory: All memory of the board.
        rights: Who may touch which granule.
        window: Address of the service window.
        nesting: How many calls of guest code are open.
        trap: Where calls return to: inside an executable granule of its own, not at its start (the emulator looks at
            the byte before it).
    """

    def __init__(self, target: Target, *, guarded: bool = True) -> None:
        self.target = target
        self.guarded = guarded
        self.trap = 0
        self.nesting = 0
        self.window, self._window_end = target.window.address, target.window.end
        self._facts = target.arch.emulator
        self.memory = GuestMemory((*target.memories, target.scratch, target.buffers), floor=NULL_PAGE_BYTES)
        self.rights = Rights(self.memory, self._facts.page_bytes)
        self._pending: BaseException | None = None
        self._denied: tuple[str, int] | None = None
        self._spare: int | None = None
        self._stale = self._forgetting = False
        self._last_page = (1 << 32) - self._facts.page_bytes
        self._start_emulator()

    # Powering on ----------------------------------------------------------------------------------------------------

    def _start_emulator(self) -> None:
        facts = self._facts
        uc = unicorn.Uc(
            getattr(uc_const, f"UC_ARCH_{facts.family}"),
            getattr(uc_const, f"UC_MODE_{facts.mode}"),
            self._number(f"UC_CPU_{facts.models[self.target.cpu.name]}"),
        )
        self._uc = uc
        self._alive = [True]
        weakref.finalize(uc, self._alive.clear)
        self._lib = binding.uclib
        self._handle = uc._uch  # noqa: SLF001 - the binding offers no other way to its own handle
        uc.ctl_set_tcg_buffer_size(8 << 20)
        if not facts.page_is_fixed:
            uc.ctl_set_page_size(facts.page_bytes)
        for block in self.memory.blocks:
            rights = Permission.RWX if block.name != self.target.flash.name else Permission.RX
            pointer = ctypes.addressof(ctypes.c_char.from_buffer(block.host))
            uc.mem_map_ptr(block.start, block.end - block.start, uc_const.UC_PROT_ALL if self.guarded else rights, pointer)
            if self.guarded:
                uc.mem_map_ptr(block.start + _TWIN, block.end - block.start, Permission.RX, pointer)
        self._install_memory_callbacks()
        self._entry = Registers.of([self._register(name) for name in self._entry_names()])
        self._duties = len(facts.arguments)
        if facts.status:
            self._entry.values[self._duties + 2] = facts.status[1]
        self._exit = Registers.of([self._register(name) for name in (*facts.results, facts.pc)])
        self._report = Registers.of([self._register(name) for name in facts.report])
        self._floats = Registers.of([self._register(name) for name in facts.float_arguments])
        self._stack = Registers.of([self._register(facts.stack_pointer)])
        self._block_bits = facts.block_bits
        self._status = Registers.of([self._register(facts.status[0])] if facts.status else [])
        mask = self._register(facts.interrupt_mask(self.target.cpu))
        if facts.unmasked:
            uc.reg_write(mask, uc.reg_read(mask) | facts.unmasked)
        self._pristine = uc.context_save()

    def _entry_names(self) -> list[str]:
        """The registers that a call sets: arguments, stack pointer, link, and those that hold the same for every call."""
        facts = self._facts
        status = [facts.status[0]] if facts.status else []
        thread = self.target.arch.thread_pointer.register
        return [*facts.arguments, facts.stack_pointer, facts.link, *status, *([thread] if thread else [])]

    def _number(self, name: str) -> int:
        value: int = getattr(getattr(unicorn, f"{self._facts.family.lower()}_const"), name)
        return value

    def _register(self, name: str) -> int:
        return self._number(f"UC_{self._facts.family}_REG_{name}")

    def register(self, name: str) -> int:
        """The emulator's number of a register."""
        return self._register(name)

    def batches(self) -> tuple[Any, Any, Any]:
        """The emulator's functions that read and write several registers, and the handle that they take."""
        return self._lib.uc_reg_read_batch, self._lib.uc_reg_write_batch, self._handle

    def _install_memory_callbacks(self) -> None:
        uc = self._uc
        uc.hook_add(uc_const.UC_HOOK_MEM_INVALID, self._carried(self._on_invalid))
        if not self.guarded:
            return
        for area in (self.target.scratch, self.target.buffers):
            self.rights.set(area.address, area.size, Permission.RW)
        uc.ctl_set_tlb_mode(uc_const.UC_TLB_VIRTUAL)
        uc.hook_add(uc_const.UC_HOOK_TLB_FILL, self._carried(self._fill))
        uc.hook_add(uc_const.UC_HOOK_CODE, self._carried(self._on_last_page), begin=self._last_page, end=(1 << 32) - 1)

    # Callbacks from the emulator --------------------------------------------------------------------------------------

    def _fill(self, _uc: object, address: int, access: int, entry: Any, _user: object) -> bool:
        """Answers who may touch a page. The emulator keeps the answer, and asks again after each denial.

        Its mark of an empty or forbidden entry is the address of the last page (on Arm, with pages of 512 bytes), and
        pages share an entry with that one if the bits of their number end in ones. An access to the last page then
        goes where such an entry leads. Loads are safe, because whatever is mapped may be read; fetches have a hook of
        their own; and for stores the entry of a read-only page leads to memory that is mapped read only.
        """
        rights = Permission.RX if self._forgetting else self.rights.raw(address)
        if rights < 0:
            in_window = self.window <= address < self._window_end
            rights = 1 if in_window and access == uc_const.UC_MEM_READ else 0  # plain numbers: this is on every switch's path
        needed = 1 if access == uc_const.UC_MEM_READ else 2 if access == uc_const.UC_MEM_WRITE else 4
        page = address & -self._facts.page_bytes
        if page == self._spare:
            entry.paddr, entry.perms = self.target.scratch.address, Permission.RWX
            return True
        if not rights & needed:
            self._denied = (_ACCESS[access], address)
            return False
        entry.paddr = page | _TWIN if rights & 6 == 4 and self._shares_last_entry(page) else page
        entry.perms = rights
        if self._block_bits and needed != 4:
            self._leave_block()
        return True

    def _leave_block(self) -> None:
        """Makes the emulator forget where in a block of conditional instructions it is.

        For this callback it notes that in the status register, as for a fault; its translated code, which goes on behind
        it, does not take that back, and what it calls or jumps to next would run as if it stood in the block.
        """
        status = self._status
        self._lib.uc_reg_read_batch(self._handle, status.identifiers, status.pointers, 1)
        if status.values[0] & self._block_bits:
            status.values[0] &= ~self._block_bits
            self._lib.uc_reg_write_batch(self._handle, status.identifiers, status.pointers, 1)

    def _shares_last_entry(self, page: int) -> bool:
        """Whether the smallest table of the emulator, 64 entries, has one for this page and the last."""
        return page | -64 * self._facts.page_bytes == -self._facts.page_bytes

    def _on_invalid(self, _uc: object, access: int, address: int, _size: int, _value: int, _user: object) -> bool:
        # With rights only the last page comes here; without, the emulator cannot tell an address in it from "none".
        self._denied = (_ACCESS[access], self._last_page if self.guarded else min(address, self._last_page))
        return False

    def _on_last_page(self, uc: unicorn.Uc, _address: int, _size: int, _user: object) -> None:
        self._denied = ("execute", self._last_page)
        uc.emu_stop()

    def _carried(self, callback: Callable[..., Any]) -> Callable[..., Any]:
        """A callback whose exceptions, Ctrl-C among them, are carried over the emulator's C frames as _server does."""
        stop, handle = self._lib.uc_emu_stop, self._handle

        def carried(*words: Any) -> Any:
            try:
                return callback(*words)
            except BaseException as error:  # noqa: BLE001 - raised behind the emulator, see _run
                self._pending = error
                stop(handle)
                return False

        return carried

    # Registers and rights ---------------------------------------------------------------------------------------------

    @property
    def link_name(self) -> str:
        """The name of the register with the return address, in ``read_registers``."""
        return self._facts.link.lower()

    def read_registers(self) -> dict[str, int]:
        """The registers of a fault report, by lower-case name."""
        report = self._report
        self._lib.uc_reg_read_batch(self._handle, report.identifiers, report.pointers, report.count)
        return {name.lower(): report.values[index] for index, name in enumerate(self._facts.report)}

    def argument_registers(self) -> list[int]:
        """The argument registers as they are now: what a supervisor call passes."""
        return [self._uc.reg_read(self._register(name)) for name in self._facts.arguments]

    def float_registers(self) -> list[int]:
        """The single-precision argument registers as 32-bit words: arguments of a service, or the result of a call."""
        floats = self._floats
        self._lib.uc_reg_read_batch(self._handle, floats.identifiers, floats.pointers, floats.count)
        return list(floats.values)

    def set_float_registers(self, words: tuple[int, ...]) -> None:
        """Sets the first single-precision registers."""
        floats = self._floats
        for index, word in enumerate(words):
            floats.values[index] = word
        self._lib.uc_reg_write_batch(self._handle, floats.identifiers, floats.pointers, len(words))

    def protect(self, address: int, size: int, permission: Permission) -> None:
        """Sets the rights of all granules in a range; without rights (rule ``no-mpu``) this does nothing."""
        if not self.guarded:
            return
        self.rights.set(address, size, permission)
        self.forget_code(address, size)

    def forget_code(self, address: int, size: int) -> None:
        """Makes the CPU read code in a range anew after the host changed it.

        The emulator looks the range up as a fetch. Where that is denied it forgets nothing, and the denial stays behind
        and ends the call that is running. So all is executable for that moment, and the entries that this leaves go.
        """
        if not size or not self._alive:  # a load that nobody finished is undone when its board is gone, in whatever order
            return
        self._forgetting = True
        try:
            self._uc.ctl_remove_cache(address, address + size)
        finally:
            self._forgetting = False
        if self.guarded:
            self._stale = True
            if self.nesting:
                self._refresh()

    def _refresh(self) -> None:
        self._stale = False
        self._uc._Uc__ctl_w(uc_const.UC_CTL_TLB_FLUSH)  # noqa: SLF001 - the binding has the function and no public name

    def set_thread_pointer(self, address: int) -> None:
        """Sets what the thread pointer register holds in calls from now on, if the ISA has one."""
        if self.target.arch.thread_pointer.register:
            self._entry.values[self._entry.count - 1] = address

    # Which address was denied -----------------------------------------------------------------------------------------

    def _denial(self, registers: dict[str, int]) -> MachineFault:
        """The exact address: the lowest byte of the access that lies where it is denied.

        The emulator names only the page. A fetch is at the pc, or at the page's start if the instruction only ends in
        it. For data the instruction runs once more, under a hook.
        """
        assert self._denied is not None
        reason, page = self._denied
        pc = registers["pc"]
        if not self.guarded:
            return MachineFault(reason, page, registers)
        if reason == "execute":
            return MachineFault(reason, pc if pc & -self._facts.page_bytes == page else page, registers)
        return MachineFault(reason, self._touched_again(pc, page), registers)

    def _touched_again(self, pc: int, page: int) -> int:
        """The first address in a denied page that the instruction at ``pc`` touches; nothing else changes.

        The page is a spare one this time, and the hook sees where that lies. What is stored goes back behind it: a
        store across an edge reaches the allowed side now. An access that begins on the allowed side is answered with
        the page's start; that is also where the next word of several lies if registers were loaded over the base.
        """
        length, spare = self._facts.page_bytes, self.target.scratch.address
        found: list[int] = []
        kept = [self._copy(spare, length)]

        def note(_uc: object, access: int, address: int, size: int, _value: int, _user: object) -> None:
            first = page + address - spare if spare <= address < spare + length else address & ~_TWIN
            if page == self._last_page and address & _TWIN:  # where a forbidden entry leads: _fill
                first = page | address & length - 1
            edge = min(first + size, (first & -length) + length)
            if page <= first < page + length or edge == page < first + size:
                found.append(max(first, page))
            if access == uc_const.UC_MEM_WRITE:
                kept.extend((self._copy(first, edge - first), self._copy(edge, first + size - edge)))

        if page == self._last_page:
            self._occupy_last_entry()
        hook = self._uc.hook_add(uc_const.UC_HOOK_MEM_READ | uc_const.UC_HOOK_MEM_WRITE, self._carried(note))
        self._uc.ctl_flush_tb()
        self._spare = page
        self._lib.uc_emu_start(self._handle, pc | self._facts.code_bit, 0, 0, 1)
        self._spare = None
        self._uc.hook_del(hook)
        for view, before in reversed(kept):
            view[:] = before
        # Counting goes on in the call around this one until a run without a count, if only of nothing, ends it.
        self._lib.uc_emu_start(self._handle, self.trap | self._facts.code_bit, self.trap, 0, 0)
        self._uc.ctl_flush_tb()
        self._refresh()
        return found[0] if found else page

    def _copy(self, address: int, size: int) -> tuple[memoryview, bytes]:
        """Bytes as they are, and where to put them back; none where no memory is."""
        view = self.memory.view(address, size) if self.memory.block_of(address, size) else memoryview(bytearray())
        return view, bytes(view)

    def _occupy_last_entry(self) -> None:
        """Puts another page where the emulator takes an empty entry for the last page, so that it asks for that."""
        self._refresh()
        self._spare = self._last_page >> 1 & -self._facts.page_bytes
        self._uc.ctl_remove_cache(self._spare, self._spare + 1)
