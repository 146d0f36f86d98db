"""The life of an extension: source, plan, place, link, export, unload. And the names that it sees: Scope."""

from llext.loader.caller import FIRMWARE, Caller, Result, Value
from llext.loader.crash import Crash
from llext.loader.extension import Extension, GuestFunction, Import, LoadedRegion, SymbolRow, untyped
from llext.loader.in_place import Storage
from llext.loader.load import Loader
from llext.loader.param import LoadParam
from llext.loader.places import Place, beside, place_of
from llext.loader.scope import Scope, how_to_provide
from llext.loader.source import (
    BufferSource,
    FileSource,
    Finalize,
    IsDetached,
    Load,
    Locate,
    Peek,
    Prepare,
    Read,
    Request,
    Seek,
    Source,
    drive,
    source_of,
)
from llext.loader.workplace import Log

__all__ = [
    "FIRMWARE",
    "BufferSource",
    "Caller",
    "Crash",
    "Extension",
    "FileSource",
    "Finalize",
    "GuestFunction",
    "Import",
    "IsDetached",
    "Load",
    "LoadParam",
    "LoadedRegion",
    "Loader",
    "Locate",
    "Log",
    "Peek",
    "Place",
    "Prepare",
    "Read",
    "Request",
    "Result",
    "Scope",
    "Seek",
    "Source",
    "Storage",
    "SymbolRow",
    "Value",
    "beside",
    "drive",
    "how_to_provide",
    "place_of",
    "source_of",
    "untyped",
]
