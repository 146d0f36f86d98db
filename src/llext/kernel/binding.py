"""From a C prototype and a Python function to what the machine calls for a service.

What guest code passes in registers, as words and pairs, is unpacked in one step; everything else goes the general way.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from llext.abi import Integer, Parameter, Pointer, Prototype, Void, layout
from llext.abi.calls import CallLayout
from llext.abi.prototypes import K_TIMEOUT
from llext.errors import UsageError
from llext.machine import Handler

if TYPE_CHECKING:
    from llext.kernel.kernel import Kernel

_TICKS = Integer("k_ticks_t", 8, signed=True)
"""A k_timeout_t travels as the number of ticks that is its one member."""


def bind(kernel: Kernel, prototype: Prototype, function: Callable[..., Any]) -> Handler:
    """A handler that decodes arguments by a prototype, calls a Python function and encodes its result.

    Args:
        kernel: Asked who runs next, where the function may have changed that.
        prototype: C type of the service.
        function: Called with the arguments, then a reader of variable arguments if there are any.
    """
    if kernel.trace is not None:
        function = kernel.trace.traced(prototype, function)
    prototype = replace(prototype, parameters=tuple(map(_with_ticks, prototype.parameters)))
    plan = layout(prototype, kernel.convention)
    form = _form(plan)
    return _general(kernel, plan, function) if form is None else _fast(kernel, prototype, function, form)


def _with_ticks(parameter: Parameter) -> Parameter:
    return replace(parameter, type=_TICKS) if parameter.type is K_TIMEOUT else parameter


def _form(plan: CallLayout) -> str | None:
    """The arguments as ``struct`` reads them behind the first three words; None where some are not in core registers."""
    prototype, form, at = plan.prototype, "<12x", 0
    if (
        prototype.variadic
        or plan.memory_result
        or plan.float_result
        or not isinstance(prototype.result, (Void, Pointer, Integer))
    ):
        return None
    for parameter, place in zip(prototype.parameters, plan.places, strict=True):
        if not isinstance(parameter.type, (Integer, Pointer)) or place.stack_words or place.by_reference or not place.core:
            return None
        letter = "q" if parameter.type.size == 8 else "i"
        if not (isinstance(parameter.type, Integer) and parameter.type.signed):
            letter = letter.upper()
        form += "4x" * (place.core[0] - at) + letter
        at = place.core[-1] + 1
    return form


def _fast(kernel: Kernel, prototype: Prototype, function: Callable[..., Any], form: str) -> Handler:
    """Words and pairs are taken as they lie in registers, where the caller extended them to their type's sign."""
    machine, state, leave = kernel.machine, kernel.state, kernel.leave
    unpack, arguments = struct.Struct(form).unpack_from, machine.arguments
    if isinstance(prototype.result, Integer) and prototype.result.size == 8:

        def pair() -> int:
            result = function(*unpack(arguments))
            if result.__class__ is not int or not -1 << 63 <= result < 1 << 64:
                raise UsageError(f"{prototype.name} returned {result!r} to guest code, which expects: {prototype}")
            machine.set_high_result(result >> 32)
            return leave(result) if state.swap else result

        return pair

    def word() -> int:
        result = function(*unpack(arguments))
        if result.__class__ is not int or not -0x80000000 <= result <= 0xFFFFFFFF:
            result = _checked_result(prototype, result)
        return leave(result) if state.swap else result

    return word


def _general(kernel: Kernel, plan: CallLayout, function: Callable[..., Any]) -> Handler:
    machine, guest, prototype = kernel.machine, kernel.guest, plan.prototype
    model = machine.target.arch.data_model
    unpack = struct.Struct(f"<3I{machine.stub.registers}I").unpack_from

    def handler() -> int:
        _, stack, _, *core = unpack(machine.arguments)
        values: list[object] = list(plan.decode_arguments(core, machine.float_registers, guest.read, stack))
        if prototype.variadic:
            values.append(plan.variable_arguments(core, guest.read, stack, model))
        low, high, floats = plan.encode_result(function(*values), partial(guest.write, core[0]))
        machine.set_high_result(high)
        if floats:
            machine.set_float_registers(floats)
        return kernel.leave(low) if kernel.state.swap else low

    return handler


def _checked_result(prototype: Prototype, result: object) -> int:
    """A result that is no plain word: None for void, an integer of another class, or an error."""
    if isinstance(prototype.result, Void):
        return 0
    number = 0 if result is None and isinstance(prototype.result, Pointer) else result
    if isinstance(number, int) and -0x80000000 <= number <= 0xFFFFFFFF:
        return int(number)
    raise UsageError(f"{prototype.name} returned {result!r} to guest code, which expects: {prototype}")
