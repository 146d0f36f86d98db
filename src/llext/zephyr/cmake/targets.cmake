# SPDX-License-Identifier: Apache-2.0
#
# The application's objects, and the zephyr.elf that they are linked to with what they use of the kernel.
target_include_directories(zephyr_interface INTERFACE "${Z_OUT}/include/generated" "${Z_OUT}/include/generated/zephyr" "${ZEPHYR_BASE}/include")
target_include_directories(zephyr_interface SYSTEM INTERFACE "${ZEPHYR_BASE}/include/libc")
target_compile_options(zephyr_interface INTERFACE ${LLEXT_OPTIONS} "SHELL:-imacros \"${Z_OUT}/include/generated/zephyr/autoconf.h\""
                       "$<$<COMPILE_LANGUAGE:C>:${LLEXT_C_STANDARD}>" "$<$<COMPILE_LANGUAGE:CXX>:${LLEXT_CXX_OPTIONS}>")

add_library(app OBJECT "")
target_link_libraries(app PUBLIC zephyr_interface)
set(ZEPHYR_CURRENT_LIBRARY app)

# Drivers of simulated devices, compiled for the application's devicetree and configuration.
if(CONFIG_GPIO)
  list(APPEND z_sources "${ZEPHYR_BASE}/drivers/gpio/gpio_emul.c")
endif()
if(CONFIG_SERIAL)
  list(APPEND z_sources "${ZEPHYR_BASE}/drivers/serial/uart_llext.c")
endif()
if(CONFIG_CONSOLE_HANDLER)
  list(APPEND z_sources "${ZEPHYR_BASE}/drivers/console/console.c")
endif()
if(z_sources)
  add_library(z_drivers OBJECT ${z_sources})
  target_link_libraries(z_drivers PUBLIC zephyr_interface)
  set(z_drivers "$<TARGET_OBJECTS:z_drivers>")
endif()

add_executable(zephyr_final ${LLEXT_OBJECTS} ${z_drivers})
set_target_properties(zephyr_final PROPERTIES OUTPUT_NAME zephyr SUFFIX .elf RUNTIME_OUTPUT_DIRECTORY "${Z_OUT}" LINKER_LANGUAGE C)
set_property(TARGET zephyr_final APPEND PROPERTY LINK_DEPENDS "${Z_OUT}/linker.cmd" ${LLEXT_ARCHIVE})
set(CMAKE_C_LINK_EXECUTABLE
    "\"${LLEXT_ZIG}\" ld.lld <LINK_FLAGS> <OBJECTS> -o <TARGET> --start-group <LINK_LIBRARIES> --end-group")
set(CMAKE_CXX_LINK_EXECUTABLE "${CMAKE_C_LINK_EXECUTABLE}")
target_link_options(zephyr_final PRIVATE ${LLEXT_LINK_OPTIONS})
target_link_libraries(zephyr_final PRIVATE ${LLEXT_ARCHIVE})
target_link_libraries(zephyr_final PRIVATE app)
if(CONFIG_LLEXT_EXPORT_BUILTINS_BY_SLID)
  add_custom_command(TARGET zephyr_final POST_BUILD COMMAND "${LLEXT_PYTHON}" -I "${Z_CMAKE}/slids.py" "$<TARGET_FILE:zephyr_final>" VERBATIM)
endif()

z_extra_flags()

# One file for each place of the linker script, empty where the application adds nothing.
function(z_make_snippets)
  z_make_lists()
  foreach(place IN LISTS Z_PLACES)
    string(TOLOWER "${place}" name)
    set(output "${Z_OUT}/snippets-${name}.ld")
    get_property(files GLOBAL PROPERTY Z_SNIPPETS_${place})
    set(text "")
    foreach(file IN LISTS files)
      string(APPEND text "#include \"${file}\"\n")
    endforeach()
    file(CONFIGURE OUTPUT "${output}.in" CONTENT "${text}" @ONLY)
    if(files)
      add_custom_command(
        OUTPUT "${output}"
        COMMAND "${LLEXT_ZIG}" clang --target=arm-none-eabi -E -P -x assembler-with-cpp -undef -nostdinc "-I${ZEPHYR_BASE}/include"
                "-I${Z_OUT}/include/generated" "-I${Z_OUT}/include/generated/zephyr" -imacros "${Z_OUT}/include/generated/zephyr/autoconf.h"
                -include "${ZEPHYR_BASE}/include/zephyr/linker/linker-tool.h" -MD -MF "${output}.d" -MT "${output}" -o "${output}" "${output}.in"
        DEPENDS "${output}.in" ${files}
        DEPFILE "${output}.d"
        COMMENT "Preprocessing ${name} of the linker script"
        VERBATIM
      )
      add_custom_target(z_snippets_${name} DEPENDS "${output}")
      add_dependencies(zephyr_final z_snippets_${name})
      set_property(TARGET zephyr_final APPEND PROPERTY LINK_DEPENDS "${output}")
    else()
      file(CONFIGURE OUTPUT "${output}" CONTENT "" @ONLY)
    endif()
  endforeach()
endfunction()
cmake_language(DEFER DIRECTORY "${APPLICATION_SOURCE_DIR}" CALL z_make_snippets)

# CMake itself would name the line of ours that made the target.
function(z_check_sources)
  get_target_property(sources app SOURCES)
  if(NOT sources)
    message(FATAL_ERROR "The application has no sources. They are named by target_sources(app PRIVATE src/main.c).")
  endif()
  list(FILTER sources INCLUDE REGEX "\\.(cpp|cc|cxx|c\\+\\+|C|CPP)$")
  if(sources AND NOT CONFIG_CPP)
    list(GET sources 0 first)
    message(STATUS "${first} is C++ without CONFIG_CPP=y: it is compiled here, but Zephyr compiles C++ only with that option")
  endif()
endfunction()
cmake_language(DEFER DIRECTORY "${APPLICATION_SOURCE_DIR}" CALL z_check_sources)

# Libraries of zephyr_library are linked whole, as objects are, so that tables see what is in them.
function(z_link_libraries)
  get_target_property(linked app LINK_LIBRARIES)
  foreach(library IN LISTS linked)  # CMake passes objects on to what links them itself, and app is objects too
    if(TARGET ${library})
      get_target_property(type ${library} TYPE)
      if(type STREQUAL OBJECT_LIBRARY)
        target_sources(zephyr_final PRIVATE $<TARGET_OBJECTS:${library}>)
      endif()
    endif()
  endforeach()
  get_property(libraries GLOBAL PROPERTY Z_LIBRARIES)
  if(libraries)
    target_link_libraries(zephyr_final PRIVATE --whole-archive ${libraries} --no-whole-archive)
  endif()
endfunction()
cmake_language(DEFER DIRECTORY "${APPLICATION_SOURCE_DIR}" CALL z_link_libraries)
cmake_language(DEFER DIRECTORY "${APPLICATION_SOURCE_DIR}" CALL z_post_build)

foreach(target IN ITEMS run menuconfig ram_report rom_report)
  set(z_words_run run "${Z_OUT}/zephyr.elf")
  set(z_words_menuconfig app menuconfig "${APPLICATION_SOURCE_DIR}" --build-dir "${CMAKE_BINARY_DIR}")
  set(z_words_ram_report app report --ram "${CMAKE_BINARY_DIR}")
  set(z_words_rom_report app report --rom "${CMAKE_BINARY_DIR}")
  add_custom_target(${target} COMMAND "${LLEXT_PYTHON}" -I "${Z_CMAKE}/llext.py" ${z_words_${target}} USES_TERMINAL VERBATIM)
endforeach()
add_dependencies(run zephyr_final)
add_dependencies(ram_report zephyr_final)
add_dependencies(rom_report zephyr_final)
