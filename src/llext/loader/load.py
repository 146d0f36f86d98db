"""The life of extensions: load, find, unload. ``_steps`` reads as the list of its steps.

Each load is a transaction: what a failed one took is given back before the error is raised. Walls between the steps:
after ``allocate`` every address is final, after ``link`` what guest code will see of the extension, and only ``_commit``
makes the extension known to others.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from llext.abi.names import NAME_LENGTH, cut_name
from llext.abi.structs import struct_llext
from llext.elf import ElfFile
from llext.elf import constants as c
from llext.errors import Errno, HeapError, LlextError, LoadError, UsageError, expect
from llext.link import Plan, plan
from llext.loader.cost import Cost
from llext.loader.extension import Extension, LoadedRegion
from llext.loader.in_place import Storage, find_detached
from llext.loader.param import LoadParam
from llext.loader.source import Finalize, Load, Prepare
from llext.loader.tables import read_tables
from llext.loader.transaction import Work
from llext.loader.workplace import Workplace


@dataclass
class Loader(Workplace):
    """Loads extensions into one machine.

    Attributes:
        cost: What the last load took, also if it failed.
    """

    cost: Cost = field(default_factory=Cost)

    # The steps --------------------------------------------------------------------------------------------------------

    def load(
        self,
        name: str,
        *,
        origin: str,
        path: Path | None = None,
        strict: bool = False,
        storage: Storage = Storage.TEMPORARY,
        param: LoadParam = LoadParam(),  # noqa: B008 - frozen
    ) -> Load[Extension]:
        """A load, as a generator of requests for its input.

        Args:
            name: Name of the extension.
            origin: The source's name, for messages.
            path: The file it is, if any.
            strict: Refuse with Zephyr's errno what stock Zephyr refuses.
            storage: What may be done with the source's bytes where they lie.
            param: How it is done.

        Returns:
            The extension; what is loaded under that name already, held once more, also if that came while this one was loaded.

        Raises:
            ElfError: the file is malformed.
            LoadError: it cannot be loaded; nothing has changed.
        """
        known = self._held_once_more(name, strict=strict)
        if known is not None:
            return known
        self.cost = Cost()
        work = Work(self, name, origin, path, self.cost, param, strict=strict, storage=storage)
        try:
            extension = yield from self._steps(work, origin, param, strict=strict)
            # The source's functions may have waited while others loaded and unloaded; from here on nobody waits.
            known = self._held_once_more(name, strict=strict)
            if known is None:
                self.say("inf", f"Loaded extension {extension.name}")
                self._commit(extension)
        except BaseException as failure:
            work.roll_back()
            for line in failure.lines if isinstance(failure, LlextError) else ():
                self.say("err", line)
            raise
        if known is not None:
            work.roll_back()
            return known
        return extension

    def _steps(self, work: Work, origin: str, param: LoadParam, *, strict: bool) -> Load[Extension]:
        answered = True
        try:
            yield Prepare()
            elf, work.headers = yield from read_tables(work.reader, self.say)
            self.check_identity(elf)
            self.say("dbg", "Mapping ELF sections...")
            if param.asks_detached:
                work.placed |= yield from find_detached(self.machine, elf, work.storage, self.say)
            granule = self.machine.target.granule if self.machine.guarded else 0
            work.plan = plan(elf, self.rules, granule=granule, detached=work.detached)
            self._judge(work.plan, origin, strict=strict)
            self.say("dbg", "Allocate and copy regions...")
            yield from work.find_in_place()
            work.allocate()
            # From here on every address is final.
            yield from work.copy_regions()
            work.log_regions()
            if param.relocate_local:
                self.say("dbg", "Linking ELF...")
                work.link()
            # From here on only tables of the loader's own are written.
            return work.finish()
        except GeneratorExit:
            answered = False
            raise
        finally:
            if answered:
                yield Finalize()

    def _held_once_more(self, name: str, *, strict: bool) -> Extension | None:
        """What is loaded under a name, with one holder more."""
        extension = self.by_name(name)
        if extension is None:
            return None
        if extension.full_name != name and not strict:
            raise LoadError(
                f"the names {extension.full_name!r} and {name!r} are the same in their first {NAME_LENGTH} bytes",
                hint="load it under a name that differs sooner.",
                errno=Errno.EEXIST,
            )
        self._set_use_count(extension, extension.use_count + 1)
        return extension

    def check_identity(self, elf: ElfFile) -> None:
        """Refuses a file for another ISA, class, byte order or float ABI, naming both sides."""
        target, header = self.machine.target, elf.header
        arch = target.arch
        reason = None
        if header.machine != arch.machine:
            built = c.MACHINE_NAMES.get(header.machine, f"machine {header.machine}")
            reason = f"it is built for {built}, and the board's {target.cpu.name} is {arch.name}"
        elif header.bits != arch.bits:
            reason = f"it is an ELF{header.bits} file, and the board's {target.cpu.name} wants ELF{arch.bits}"
        elif not header.little_endian:
            reason = f"it is big endian, and the board's {target.cpu.name} is little endian"
        else:
            reason = arch.incompatibility(elf, target.cpu)
        if reason is not None:
            raise LoadError(f"{elf.name}: {reason}", hint=f"build it for this board: llext build --board {target.name}.")

    def _judge(self, made: Plan, origin: str, *, strict: bool) -> None:
        for note in made.notes:
            if strict and note.refuses:
                raise LoadError(f"{origin}: {note}", errno=note.errno, details={"strict": True}, lines=note.lines)
            self.say("wrn" if note.errno is not None else "inf", str(note))

    def _commit(self, extension: Extension) -> None:
        """Makes the extension known to others, or changes nothing."""
        for dependency in extension.dependencies:
            dependency.check_loaded()
        before = [(dependency, dependency.use_count) for dependency in extension.dependencies]
        try:
            for dependency, count in before:
                self._set_use_count(dependency, count + 1)
            self.scope.add(extension)
            self.extensions.append(extension)
            self.loads += 1
            extension.number = self.loads
        except BaseException:
            self.scope.forget(extension)
            for dependency, count in before:
                self._set_use_count(dependency, count)
            raise

    def _set_use_count(self, extension: Extension, count: int) -> None:
        """Sets a use count, in guest memory first: what can fail does so before anything is different."""
        layout = struct_llext(self.rules.version)
        layout.write(self.machine.memory.view(extension.address, layout.size), {"use_count": count})
        extension.use_count = count

    def unload(self, extension: Extension) -> int:
        """Gives one load of an extension up. It stays while extensions that use its exports are loaded.

        Returns:
            How many holders are left: loads and dependents; 0 if it is gone.

        Raises:
            LoadError: it is not loaded, every load of it was given up already, or its code is not done yet (EBUSY).
            HeapError: it is gone, and guest code has damaged the LLEXT heap.
        """
        expect("what shall be unloaded", extension, Extension, hint="board.load gives an Extension.")
        extension.check_loaded()
        if extension not in self.extensions:
            raise UsageError(f"extension {extension.name!r} is loaded on another board", hint="unload it there.")
        users = [other.name for other in self.extensions if extension in other.dependencies]
        if extension.use_count == len(users):
            raise LoadError(
                f"extension {extension.name!r} was unloaded already and stays for {', '.join(map(repr, users))}",
                hint="it goes when those are unloaded.",
                errno=Errno.EBUSY,
            )
        holds = _holds(extension)
        going = [each for each, count in holds.items() if count == each.use_count]
        self._refuse_running(going)
        for each, count in holds.items():
            self._set_use_count(each, each.use_count - count)
        self._release(going)
        return extension.use_count

    def _refuse_running(self, going: list[Extension]) -> None:
        """Code that is in the middle of a call cannot go: it would return to memory that is no longer its own."""
        addresses = self.machine.open_code()
        for extension in going:
            text = extension.regions.get("text")
            if text is not None and any(text.address <= address < text.address + text.size for address in addresses):
                raise LoadError(
                    f"extension {extension.name!r} is running: a call of it has not returned yet",
                    hint="unload it when the call has returned.",
                    errno=Errno.EBUSY,
                )
            code = (text,) if text is not None else ()
            reason = self.in_use(partial(_inside, tuple(extension.regions.values())), partial(_inside, code))
            if reason:
                raise LoadError(
                    f"extension {extension.name!r} is in use: {reason}",
                    hint="stop its threads, timers and interrupts first; stock Zephyr would unload it, and crash later.",
                    errno=Errno.EBUSY,
                )

    def _release(self, going: list[Extension]) -> None:
        """Takes extensions away that nobody holds; all of them, even if guest code has damaged the heap."""
        damage = None
        for extension in going:
            self.extensions.remove(extension)
            self.scope.forget(extension)
            extension.loaded = False
            for region in extension.regions.values():
                if region.rights_given:
                    self.free_rights(region.address, region.size)
            damage = self.give_back(extension.allocations) or damage
        for extension in going:
            self.say("dbg", f"Unloaded extension {extension.name}")
        if damage is not None:
            raise HeapError(
                f"extension {going[0].name!r} is unloaded, and the LLEXT heap is damaged: {damage.message}",
                hint="guest code wrote beyond its memory, or into memory that was freed; the next load may fail: use a new board.",
                errno=Errno.EFAULT,
            )

    def by_name(self, name: str) -> Extension | None:
        """The loaded extension of this name, cut to 15 bytes (llext_by_name)."""
        short = cut_name(name)
        return next((extension for extension in self.extensions if extension.name == short), None)


def _inside(regions: tuple[LoadedRegion, ...], address: int) -> bool:
    return any(region.address <= address < region.address + region.size for region in regions)


def _holds(extension: Extension) -> dict[Extension, int]:
    """Who loses how many holders when one load of an extension is given up: what goes gives its own holds up too."""
    holds: dict[Extension, int] = {}
    losers = [extension]
    for each in losers:
        holds[each] = holds.get(each, 0) + 1
        if holds[each] == each.use_count:
            losers += each.dependencies
    return holds
