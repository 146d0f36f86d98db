# SPDX-License-Identifier: Apache-2.0
#
# add_llext_target and what belongs to it. Extensions are compiled with the application's definitions, folders and options, less
# what a loader has no use for.
# The filter is the name of a list of patterns, or the patterns.
function(llext_filter_zephyr_flags filter flags output)
  set(patterns "${filter}")
  if(DEFINED "${filter}")
    set(patterns "${${filter}}")
  endif()
  list(TRANSFORM patterns PREPEND "^")
  list(TRANSFORM patterns APPEND "$")
  set(kept "${flags}")
  foreach(pattern IN LISTS patterns)
    set(kept "$<FILTER:${kept},EXCLUDE,${pattern}>")
  endforeach()
  set(${output} "${kept}" PARENT_SCOPE)
endfunction()

function(add_llext_target name)
  cmake_parse_arguments(PARSE_ARGV 1 LLEXT "" "OUTPUT" "SOURCES")
  if(NOT CONFIG_LLEXT)
    message(FATAL_ERROR "add_llext_target(${name}): CONFIG_LLEXT=y is needed for extensions; write it in prj.conf")
  endif()
  if(CONFIG_LLEXT_TYPE_ELF_SHAREDLIB)
    message(FATAL_ERROR "add_llext_target(${name}): CONFIG_LLEXT_TYPE_ELF_SHAREDLIB is not there yet; set "
                        "CONFIG_LLEXT_TYPE_ELF_RELOCATABLE=y or CONFIG_LLEXT_TYPE_ELF_OBJECT=y")
  endif()
  if(TARGET ${name} OR TARGET ${name}_llext_lib)
    message(FATAL_ERROR "add_llext_target(${name}): there is a target of this name already")
  endif()
  if(NOT LLEXT_OUTPUT OR NOT LLEXT_SOURCES)
    message(FATAL_ERROR "add_llext_target(${name}): needs OUTPUT file.llext and SOURCES file.c ...")
  endif()
  list(LENGTH LLEXT_SOURCES count)
  if(CONFIG_LLEXT_TYPE_ELF_OBJECT AND count GREATER 1)
    message(FATAL_ERROR "add_llext_target(${name}): CONFIG_LLEXT_TYPE_ELF_OBJECT takes one source; for several set "
                        "CONFIG_LLEXT_TYPE_ELF_RELOCATABLE=y")
  endif()
  cmake_path(ABSOLUTE_PATH LLEXT_OUTPUT BASE_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}" NORMALIZE)
  set(debug "${PROJECT_BINARY_DIR}/llext/${name}_debug.elf")
  foreach(file IN ITEMS "${LLEXT_OUTPUT}" "${debug}")
    get_filename_component(folder "${file}" DIRECTORY)
    file(MAKE_DIRECTORY "${folder}")
  endforeach()

  set(library ${name}_llext_lib)
  add_library(${library} OBJECT EXCLUDE_FROM_ALL ${LLEXT_SOURCES})
  target_include_directories(${library} PRIVATE "$<TARGET_PROPERTY:zephyr_interface,INTERFACE_INCLUDE_DIRECTORIES>")
  target_include_directories(${library} SYSTEM PRIVATE "$<TARGET_PROPERTY:zephyr_interface,INTERFACE_SYSTEM_INCLUDE_DIRECTORIES>")
  target_compile_definitions(${library} PRIVATE "$<TARGET_PROPERTY:zephyr_interface,INTERFACE_COMPILE_DEFINITIONS>" LL_EXTENSION_BUILD)
  llext_filter_zephyr_flags(LLEXT_REMOVE_FLAGS "$<TARGET_PROPERTY:zephyr_interface,INTERFACE_COMPILE_OPTIONS>" options)
  target_compile_options(${library} PRIVATE "${options}" ${LLEXT_APPEND_FLAGS})

  z_llext_link()
  z_llext_pack()
  add_custom_target(${name} ALL DEPENDS "${LLEXT_OUTPUT}")
  set_target_properties(${name} PROPERTIES
    lib_target ${library} lib_output "${linked}" pkg_input "${debug}" pkg_output "${LLEXT_OUTPUT}")
endfunction()

# What is packed unless commands of POST_BUILD make something else of it. An object is what the compiler made; else objects are
# linked, and in the same run packed: linked.llext.
macro(z_llext_link)
  set(pack "${LLEXT_PYTHON}" -I "${Z_CMAKE}/pack.py" --board "${Z_BOARD}" --kind "${LLEXT_KIND}"
           "$<$<BOOL:${CONFIG_LLEXT_EXPORT_BUILTINS_BY_SLID}>:--slids>")
  if(CONFIG_LLEXT_TYPE_ELF_OBJECT)
    set(linked "$<TARGET_OBJECTS:${library}>")
    set(ready "${linked}")
  else()
    set(linked "${CMAKE_CURRENT_BINARY_DIR}/${library}.obj")
    set(ready "${linked}" "${linked}.llext")
    set(options "$<TARGET_PROPERTY:${library},LINK_OPTIONS>")
    add_custom_command(
      OUTPUT ${ready}
      COMMAND ${pack} --output "${linked}.llext" --debug "${linked}" "$<$<BOOL:${options}>:--link=$<JOIN:${options},;--link=>>"
              "$<TARGET_OBJECTS:${library}>"
      DEPENDS ${library} "$<TARGET_OBJECTS:${library}>"
      COMMENT "Linking ${name}"
      COMMAND_EXPAND_LISTS VERBATIM
    )
  endif()
endmacro()

macro(z_llext_pack)
  set(made "$<BOOL:$<TARGET_PROPERTY:${library},z_post>>")
  set(command "${pack}" --output "${LLEXT_OUTPUT}" --debug "${debug}")
  set(default "${command}" "$<TARGET_OBJECTS:${library}>")
  if(NOT CONFIG_LLEXT_TYPE_ELF_OBJECT)
    set(default "${CMAKE_COMMAND}" -P "${Z_CMAKE}/copy.cmake" "${linked}" "${debug}" "${linked}.llext" "${LLEXT_OUTPUT}")
  endif()
  add_custom_command(
    OUTPUT "${LLEXT_OUTPUT}" "${debug}"
    COMMAND "$<${made}:${command};--made;${CMAKE_CURRENT_BINARY_DIR}/${name}_post.stamp>" "$<$<NOT:${made}>:${default}>"
    DEPENDS ${library} ${ready}
    COMMENT "Packing ${name}"
    COMMAND_EXPAND_LISTS VERBATIM
  )
endmacro()

foreach(kind IN ITEMS compile_definitions compile_features compile_options include_directories link_options)
  cmake_language(EVAL CODE "
    function(llext_${kind} name)
      target_${kind}(\${name}_llext_lib PRIVATE \${ARGN})
    endfunction()")
endforeach()

function(add_llext_command)
  cmake_parse_arguments(PARSE_ARGV 0 LLEXT "PRE_BUILD;POST_BUILD;POST_PKG" "TARGET" "")
  if(NOT TARGET "${LLEXT_TARGET}_llext_lib")
    message(FATAL_ERROR "add_llext_command(TARGET ${LLEXT_TARGET}): there is no extension of this name; add_llext_target makes one")
  endif()
  get_target_property(output ${LLEXT_TARGET} pkg_output)
  if(LLEXT_POST_PKG)
    add_custom_command(OUTPUT "${output}" APPEND ${LLEXT_UNPARSED_ARGUMENTS})
  elseif(LLEXT_PRE_BUILD AND CONFIG_LLEXT_TYPE_ELF_OBJECT)
    message(FATAL_ERROR "add_llext_command(${LLEXT_TARGET} PRE_BUILD): an object has no link step before which it could run")
  elseif(LLEXT_PRE_BUILD)
    z_llext_commands(pre ${LLEXT_UNPARSED_ARGUMENTS})
  elseif(LLEXT_POST_BUILD)
    z_llext_commands(post ${LLEXT_UNPARSED_ARGUMENTS})
  else()
    message(FATAL_ERROR "add_llext_command(TARGET ${LLEXT_TARGET}): say when: PRE_BUILD, POST_BUILD or POST_PKG")
  endif()
endfunction()

# Commands between compiling and linking, or between linking and packing: those of POST_BUILD make what is packed, pkg_input.
macro(z_llext_commands when)
  set(library ${LLEXT_TARGET}_llext_lib)
  set(stamp "${CMAKE_CURRENT_BINARY_DIR}/${LLEXT_TARGET}_${when}.stamp")
  get_target_property(known ${library} z_${when})
  if(known)
    add_custom_command(OUTPUT "${stamp}" APPEND ${ARGN})
  else()
    set_target_properties(${library} PROPERTIES z_${when} TRUE)
    get_target_property(linked ${LLEXT_TARGET} lib_output)
    set(behind "$<TARGET_OBJECTS:${library}>")
    set(before "${linked}")
    if("${when}" STREQUAL "post")
      set(behind "${linked}")
      set(before "${output}")
    endif()
    add_custom_command(OUTPUT "${stamp}" COMMENT "Commands of ${LLEXT_TARGET}: ${when}" ${ARGN}
                       COMMAND "${CMAKE_COMMAND}" -E touch "${stamp}"
                       DEPENDS ${library} "${behind}" COMMAND_EXPAND_LISTS)
    add_custom_command(OUTPUT "${before}" APPEND DEPENDS "${stamp}")
  endif()
endmacro()
