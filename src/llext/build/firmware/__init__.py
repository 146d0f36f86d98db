"""Applications to zephyr.elf: configuration, what is linked beside the application, and where it all goes.

    project.py        an application's folder, built by CMake and ninja
    configure.py      what CMake runs first: Kconfig, linker script, prebuilt objects, variables
    services.py       stubs of the kernel's services
    exports.py        what firmware exports by itself
    identity.py       board and configuration inside the file
    pack.py           objects of an extension to its .llext
    words.py          what is wrong, in words; link_words.py and cmake_words.py for what linker and CMake say, noise.py
    memory_report.py  what takes the memory
"""

from llext.build.firmware.project import Project, build_application, cmake_folder

__all__ = ["Project", "build_application", "cmake_folder"]
