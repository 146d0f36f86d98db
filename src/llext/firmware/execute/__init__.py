"""A firmware's own loader, run: its code from the ELF on the emulator, without booting it."""

from llext.firmware.execute.answered import TABLE
from llext.firmware.execute.calls import Call
from llext.firmware.execute.emulated import Limits
from llext.firmware.execute.execute import execute
from llext.firmware.execute.results import Answered, Called, Executed, Load, RegionPlace, Stop, Taken, Unload

__all__ = [
    "TABLE",
    "Answered",
    "Call",
    "Called",
    "Executed",
    "Limits",
    "Load",
    "RegionPlace",
    "Stop",
    "Taken",
    "Unload",
    "execute",
]
