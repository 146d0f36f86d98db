"""The life of an extension: source, plan, place, link, export, unload. And the names that it sees: Scope."""

from llext.loader.caller import FIRMWARE, Caller, Result, Value
from llext.loader.extension import Extension, GuestFunction, Import, LoadedRegion, untyped
from llext.loader.load import Loader
from llext.loader.scope import Scope, how_to_provide
from llext.loader.source import BufferSource, FileSource, Source, drive, source_of
from llext.loader.workplace import Log

__all__ = [
    "FIRMWARE",
    "BufferSource",
    "Caller",
    "Extension",
    "FileSource",
    "GuestFunction",
    "Import",
    "LoadedRegion",
    "Loader",
    "Log",
    "Result",
    "Scope",
    "Source",
    "Value",
    "drive",
    "how_to_provide",
    "source_of",
    "untyped",
]
