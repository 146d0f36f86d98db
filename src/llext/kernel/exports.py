"""Python functions that guest code calls by name: ``@board.export``."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable
from typing import Any

from llext.abi import Float, Integer, Parameter, Pointer, Prototype, Void, parse_prototype
from llext.errors import UsageError
from llext.kernel.binding import bind
from llext.kernel.kernel import Kernel
from llext.link import Symbol

_TYPES = {
    int: Integer("int", 4, signed=True),
    bool: Integer("int", 4, signed=True),
    float: Float("double", 8),
    str: Pointer(Integer("char", 1, signed=False), const=True),
    None: Void(),
    type(None): Void(),
}


def export(kernel: Kernel, function: Callable[..., Any], name: str, prototype: str | None) -> Symbol:
    """Makes a Python function callable by guest code.

    Args:
        kernel: Where the stub goes.
        function: The function; ``int`` annotations are C int, ``float`` double, ``str`` a C string.
        name: Name that guest code calls.
        prototype: C prototype, where annotations do not say enough.

    Raises:
        UsageError: an annotation that has no C type, or a prototype that does not parse.
    """
    if not callable(function):
        raise UsageError(f"{function!r} cannot be called", hint="@board.export stands in front of a function.")
    model = kernel.machine.target.arch.data_model
    typed = parse_prototype(prototype, name, model) if prototype is not None else prototype_of(function, name)
    strings = [] if prototype is not None else _string_parameters(function)
    called = _with_strings(kernel, function, strings) if strings else function
    return Symbol(name, kernel.stubs.add(lambda: bind(kernel, typed, called)), f"Python ({function.__qualname__})")


def prototype_of(function: Callable[..., Any], name: str) -> Prototype:
    """The C prototype that a function's annotations say."""
    try:
        signature = inspect.signature(function)
        hints = typing.get_type_hints(function)
    except (ValueError, TypeError, NameError) as error:
        hint = "give prototype='int f(uint8_t *data, size_t n)'."
        raise UsageError(f"{name}: its parameters cannot be read: {error}", hint=hint) from None
    for parameter in signature.parameters.values():
        if parameter.kind not in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            raise UsageError(f"{name}: guest code cannot pass {parameter}", hint="use plain parameters, or a prototype.")
    parameters = tuple(
        Parameter(parameter.name, _ctype(hints.get(parameter.name, inspect.Parameter.empty), parameter.name, name))
        for parameter in signature.parameters.values()
    )
    return Prototype(name, _ctype(hints.get("return", None), "the result", name), parameters, variadic=False)


def _ctype(annotation: Any, what: str, name: str) -> Any:
    try:
        return _TYPES[annotation]
    except (KeyError, TypeError):
        shown = "no annotation" if annotation is inspect.Parameter.empty else f"annotation {annotation!r}"
        raise UsageError(
            f"{name}: {what} has {shown}, which is no C type",
            hint="annotate with int, float, str or None, or give prototype='int f(uint8_t *data, size_t n)'.",
        ) from None


def _string_parameters(function: Callable[..., Any]) -> list[int]:
    hints = typing.get_type_hints(function)
    return [index for index, name in enumerate(inspect.signature(function).parameters) if hints.get(name) is str]


def _with_strings(kernel: Kernel, function: Callable[..., Any], indexes: list[int]) -> Callable[..., Any]:
    def called(*values: int) -> Any:
        given: list[Any] = list(values)
        for index in indexes:
            given[index] = kernel.guest.string(values[index], None).decode("utf-8", "replace")
        return function(*given)

    return called
