"""Guest code that attacks: one function per instruction, which takes the address, and what is known of each.

Every function is naked: the attacking instruction stands a known number of bytes behind its start, so that the pc of a
fault is known without asking the machine.
"""

from dataclasses import dataclass

from llext.build import build_extension
from llext.target import load_target

VALUES = (0x11223344, 0x55667788, 0x99AABBCC)
"""What the argument registers behind the address hold: what stores store."""


@dataclass(frozen=True)
class Op:
    """One attack.

    Attributes:
        code: Assembly; the address is in the first argument register.
        kind: ``read``, ``write`` or ``execute``.
        size: Bytes of each access, whose natural alignment is that too.
        count: How many there are, one behind the other.
        below: Bytes from the first access up to the address.
        ahead: Bytes of code before the attacking instruction.
        base: Register that holds the address and must hold it still; empty if it is loaded over.
        aligned: The CPU always asks for alignment.
    """

    code: str
    kind: str
    size: int = 4
    count: int = 1
    below: int = 0
    ahead: int = 0
    base: str = ""
    aligned: bool = False


def _arm_data():
    yield "ldr", Op("ldr r1, [r0]", "read", base="r0")
    yield "ldrh", Op("ldrh r1, [r0]", "read", 2, base="r0")
    yield "ldrb", Op("ldrb r1, [r0]", "read", 1, base="r0")
    yield "ldrsh", Op("movs r1, #0\\nldrsh r1, [r0, r1]", "read", 2, ahead=2, base="r0")
    yield "ldm", Op("ldmia r0!, {r1-r3}", "read", count=3, base="r0")
    yield "pop", Op("mov sp, r0\\npop {r1-r3}", "read", count=3, ahead=2, base="sp")
    yield "str", Op("str r1, [r0]", "write", base="r0")
    yield "strh", Op("strh r1, [r0]", "write", 2, base="r0")
    yield "strb", Op("strb r1, [r0]", "write", 1, base="r0")
    yield "stm", Op("stmia r0!, {r1-r3}", "write", count=3, base="r0")
    yield "push", Op("mov sp, r0\\npush {r1-r3}", "write", count=3, below=12, ahead=2, base="sp")


def _arm_wide():
    yield "ldrd", Op("ldrd r2, r3, [r0]", "read", count=2, base="r0")
    yield "ldrd_base", Op("ldrd r0, r1, [r0]", "read", count=2)
    yield "ldrw", Op("ldr.w r1, [r0, #0]", "read", base="r0")
    yield "ldrex", Op("ldrex r1, [r0]", "read", base="r0", aligned=True)
    yield "strd", Op("strd r1, r2, [r0]", "write", count=2, base="r0")
    yield "stmdb", Op("stmdb r0!, {r1-r3}", "write", count=3, below=12, base="r0")
    yield "strpre", Op("str r1, [r0, #-4]!", "write", below=4, base="r0")


def _arm_jumps():
    yield "bx", Op("bx r0", "execute")
    yield "blx", Op("blx r0", "execute")
    yield "movlr", Op("mov lr, r0\\nbx lr", "execute")
    yield "poppc", Op("push {r0}\\npop {pc}", "execute")


def _riscv_data():
    yield "lw", Op("lw a1, 0(a0)", "read", base="a0")
    yield "lh", Op("lh a1, 0(a0)", "read", 2, base="a0")
    yield "lbu", Op("lbu a1, 0(a0)", "read", 1, base="a0")
    yield "clw", Op("c.lw a1, 0(a0)", "read", base="a0")
    yield "lr", Op("lr.w a1, (a0)", "read", base="a0", aligned=True)
    yield "sw", Op("sw a1, 0(a0)", "write", base="a0")
    yield "sh", Op("sh a1, 0(a0)", "write", 2, base="a0")
    yield "sb", Op("sb a1, 0(a0)", "write", 1, base="a0")
    yield "csw", Op("c.sw a1, 0(a0)", "write", base="a0")


def _riscv_jumps():
    yield "jalr", Op("jalr a0", "execute")
    yield "jr", Op("jr a0", "execute")
    yield "ret", Op("mv ra, a0\\nret", "execute")


def operations(board):
    """The attacks that a board's CPU can make, by name."""
    target = load_target(board)
    if not target.arch.code_symbol_bit:
        return dict([*_riscv_data(), *_riscv_jumps()])
    narrow = dict([*_arm_data(), *_arm_jumps()])
    if target.cpu.architecture == "v6-M":
        return narrow
    return narrow | dict(_arm_wide()) | {"ldrpc": Op("push {r0}\\nldr pc, [sp], #4", "execute")}


def traps(board):
    """Instructions that end a call, by name: assembly, the fault's reason, bytes of code before the instruction."""
    target = load_target(board)
    if not target.arch.code_symbol_bit:
        return {
            "ebreak": ("ebreak", "breakpoint", 0),
            "cebreak": ("c.ebreak", "breakpoint", 0),
            "ecall": ("li t0, 1999\\necall", "supervisor call 1999, which nobody serves", 4),
            "unimp": ("unimp", "undefined instruction", 0),
            "cunimp": ("c.unimp", "undefined instruction", 0),
            "ones": (".word 0xffffffff", "undefined instruction", 0),
            "csr": ("csrr a0, 0x7c0", "undefined instruction", 0),
            "wfi": ("wfi", "halted", 0),
        }
    narrow = {
        "udf": ("udf #1", "undefined instruction", 0),
        "svc": ("svc #9", "supervisor call 9, which nobody serves", 0),
        "svc255": ("svc #255", "supervisor call 255, which nobody serves", 0),
        "bkpt": ("bkpt #1", "breakpoint", 0),
        "wfe": ("wfe", "halted", 0),
        "wfi": ("wfi", "halted", 0),
    }
    if target.cpu.architecture == "v6-M":
        return narrow | {"movw": (".short 0xf240, 0x0000", "undefined instruction", 0)}
    return narrow | {
        "udfw": ("udf.w #1", "undefined instruction", 0),
        "wfew": ("wfe.w", "halted", 0),
        "wfiw": ("wfi.w", "halted", 0),
    }


def source(board):
    """The C of the extension with all of them, and memory of every kind."""
    arm = load_target(board).arch.code_symbol_bit
    codes = {name: op.code for name, op in operations(board).items()} | {name: trap[0] for name, trap in traps(board).items()}
    text = "#include <zephyr/llext/symbol.h>\n" + ('__asm__(".syntax unified\\n");\n' if arm else "")
    for name, code in codes.items():
        body = f"{code}\\n{'bx lr' if arm else 'ret'}"
        text += f'__attribute__((naked)) void {name}(void) {{ __asm__ volatile("{body}"); }}\nEXPORT_SYMBOL({name});\n'
    return text + (
        "volatile int data[16] = {1};\nvolatile int bss[16];\nconst volatile int rodata[16] = {1, 2, 3};\n"
        "int twice(int x) { return 2 * x; }\n"
        "EXPORT_SYMBOL(data);\nEXPORT_SYMBOL(bss);\nEXPORT_SYMBOL(rodata);\nEXPORT_SYMBOL(twice);\n"
    )


def build_attacks(board, folder):
    """Builds the extension for a board."""
    path = folder / f"attacks_{board.replace('/', '_')}.c"
    path.write_text(source(board))
    return build_extension([path], path.with_suffix(".llext"), load_target(board)).output
