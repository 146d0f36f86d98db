"""A configuration as files: ``.config``, ``autoconf.h``, and variables of CMake. Text only; whoever builds writes it."""

from __future__ import annotations

from llext.target.kconfig.model import PREFIX, Configuration, Setting

_HEADER = "Made from the application's configuration files; changes are lost."


def dotconfig(configuration: Configuration) -> str:
    """``.config``: a line for each option that has a value, and for each switch that is off."""
    lines = (_dotconfig_line(setting) for setting in configuration.settings if setting.written)
    return f"# {_HEADER}\n" + "".join(lines)


def _dotconfig_line(setting: Setting) -> str:
    name = PREFIX + setting.name
    if setting.kind in {"bool", "tristate"} and setting.value == "n":
        return f"# {name} is not set\n"
    if setting.kind == "string":
        return f'{name}="{_escaped(setting.value)}"\n'
    return f"{name}={setting.value}\n" if setting.value else ""


def autoconf(configuration: Configuration) -> str:
    """``autoconf.h``: y is 1, m of X defines X_MODULE, n nothing; numbers and texts are themselves."""
    lines = (_define(setting) for setting in configuration.settings if setting.written)
    return f"/* {_HEADER} */\n#pragma once\n\n" + "".join(lines)


def _define(setting: Setting) -> str:
    name = PREFIX + setting.name
    if setting.kind in {"bool", "tristate"}:
        return {"y": f"#define {name} 1\n", "m": f"#define {name}_MODULE 1\n"}.get(setting.value, "")
    if setting.kind == "string":
        return f'#define {name} "{_escaped(setting.value)}"\n'
    return f"#define {name} {_c_number(setting)}\n" if setting.value else ""


def _c_number(setting: Setting) -> str:
    bare = setting.kind == "hex" and not setting.value.lower().startswith("0x")
    return ("0x" if bare else "") + setting.value


def cmake(configuration: Configuration) -> str:
    """``set(CONFIG_X value)`` for each option that is on or has a value. An option that is off is not defined, as in Zephyr."""
    lines = (
        f"set({PREFIX}{setting.name} {bracket(_cmake_value(setting))})\n"
        for setting in configuration.settings
        if _is_set(setting)
    )
    return f"# {_HEADER}\n" + "".join(lines)


def _is_set(setting: Setting) -> bool:
    if setting.kind in {"bool", "tristate"}:
        return setting.value != "n"
    return setting.written and (setting.kind == "string" or bool(setting.value))


def _cmake_value(setting: Setting) -> str:
    return _c_number(setting) if setting.kind == "hex" else setting.value


def bracket(text: str) -> str:
    """Any text as one argument of CMake: a bracket argument long enough for what is in it, so that nothing is escaped."""
    signs = "=="
    while f"]{signs}" in text:
        signs += "="
    newline = "\n" if text.startswith("\n") else ""  # a newline right behind the bracket is not counted
    return f"[{signs}[{newline}{text}]{signs}]"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
