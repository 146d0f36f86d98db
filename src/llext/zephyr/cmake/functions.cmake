# SPDX-License-Identifier: Apache-2.0
#
# Zephyr's functions for sources, flags and libraries of an application.
add_library(zephyr_interface INTERFACE)
define_property(GLOBAL PROPERTY Z_LIBRARIES)

function(zephyr_include_directories)
  target_include_directories(zephyr_interface INTERFACE ${ARGV})
endfunction()
function(zephyr_system_include_directories)
  target_include_directories(zephyr_interface SYSTEM INTERFACE ${ARGV})
endfunction()
function(zephyr_compile_definitions)
  target_compile_definitions(zephyr_interface INTERFACE ${ARGV})
endfunction()
function(zephyr_compile_options)
  target_compile_options(zephyr_interface INTERFACE ${ARGV})
endfunction()
function(zephyr_link_libraries)
  target_link_libraries(zephyr_interface INTERFACE ${ARGV})
endfunction()

# A static library of its own, all of which is linked as far as it is used.
macro(zephyr_library)
  set(z_library_words ${ARGV})
  list(LENGTH z_library_words z_library_count)
  file(RELATIVE_PATH z_library_name "${APPLICATION_SOURCE_DIR}" "${CMAKE_CURRENT_SOURCE_DIR}")
  string(REGEX REPLACE "[^A-Za-z0-9_]" "_" z_library_name "lib_${z_library_name}")
  zephyr_library_named(${z_library_name})
endmacro()
macro(zephyr_library_named name)
  set(ZEPHYR_CURRENT_LIBRARY ${name})
  add_library(${name} STATIC "")
  target_link_libraries(${name} PUBLIC zephyr_interface)
  set_property(GLOBAL APPEND PROPERTY Z_LIBRARIES ${name})
endmacro()
function(zephyr_library_sources)
  target_sources(${ZEPHYR_CURRENT_LIBRARY} PRIVATE ${ARGV})
endfunction()
function(zephyr_library_include_directories)
  target_include_directories(${ZEPHYR_CURRENT_LIBRARY} PRIVATE ${ARGV})
endfunction()
function(zephyr_library_compile_definitions)
  target_compile_definitions(${ZEPHYR_CURRENT_LIBRARY} PRIVATE ${ARGV})
endfunction()
function(zephyr_library_compile_options)
  target_compile_options(${ZEPHYR_CURRENT_LIBRARY} PRIVATE ${ARGV})
endfunction()
function(zephyr_library_link_libraries)
  target_link_libraries(${ZEPHYR_CURRENT_LIBRARY} PUBLIC ${ARGV})
endfunction()
function(zephyr_sources)
  foreach(source IN LISTS ARGV)
    cmake_path(ABSOLUTE_PATH source)
    target_sources(app PRIVATE "${source}")
  endforeach()
endfunction()

foreach(function IN ITEMS target_sources target_include_directories target_compile_definitions target_compile_options
        target_link_libraries add_subdirectory)
  cmake_language(EVAL CODE "
    function(${function}_ifdef feature)
      if(\${\${feature}})
        ${function}(\${ARGN})
      endif()
    endfunction()")
endforeach()
foreach(function IN ITEMS zephyr_sources zephyr_library_sources zephyr_include_directories zephyr_compile_definitions
        zephyr_compile_options zephyr_library_compile_definitions zephyr_library_compile_options zephyr_link_libraries)
  cmake_language(EVAL CODE "
    function(${function}_ifdef feature)
      if(\${\${feature}})
        ${function}(\${ARGN})
      endif()
    endfunction()")
endforeach()

# A file as bytes in hexadecimal, for an array in C: #include it between braces.
function(generate_inc_file source output)
  add_custom_command(
    OUTPUT "${output}"
    COMMAND "${LLEXT_PYTHON}" -I "${Z_CMAKE}/bytes.py" "${source}" "${output}"
    DEPENDS "${source}" "${Z_CMAKE}/bytes.py"
    COMMENT "Generating ${output}"
    VERBATIM
  )
endfunction()
function(generate_inc_file_for_gen_target target source output generated)
  generate_inc_file("${source}" "${output}")
  add_custom_target(${generated} DEPENDS "${output}")
  add_dependencies(${target} ${generated})
  get_filename_component(folder "${output}" DIRECTORY)
  target_include_directories(${target} PRIVATE "${folder}")
endfunction()
function(generate_inc_file_for_target target source output)
  string(SHA1 hash "${target} ${output}")
  string(SUBSTRING "${hash}" 0 12 hash)
  generate_inc_file_for_gen_target(${target} "${source}" "${output}" generate_inc_${hash})
endfunction()
