# SPDX-License-Identifier: Apache-2.0
#
# Devicetree, Kconfig and the linker script, by one run of a helper; what it read is what this configuration depends on.
set(z_words --app "${APPLICATION_SOURCE_DIR}" --build "${Z_OUT}" --board "${Z_BOARD}")
if(OVERLAY_CONFIG)  # its name before Zephyr 3.4
  list(APPEND EXTRA_CONF_FILE ${OVERLAY_CONFIG})
endif()
foreach(variable IN ITEMS CONF_FILE EXTRA_CONF_FILE)
  set(z_files "")
  foreach(file IN LISTS ${variable})
    if(EXISTS "${APPLICATION_SOURCE_DIR}/${file}" OR EXISTS "${file}")
      list(APPEND z_files "${file}")
    else()  # blanks part names too
      separate_arguments(z_parts NATIVE_COMMAND "${file}")
      list(APPEND z_files ${z_parts})
    endif()
  endforeach()
  set(${variable} "${z_files}")
endforeach()
foreach(variable IN ITEMS CONF_FILE EXTRA_CONF_FILE DTC_OVERLAY_FILE EXTRA_DTC_OVERLAY_FILE)
  foreach(file IN LISTS ${variable})
    string(TOLOWER "${variable}" z_option)
    string(REPLACE "_" "-" z_option "${z_option}")
    list(APPEND z_words "--${z_option}=${file}")
  endforeach()
endforeach()
get_cmake_property(z_names CACHE_VARIABLES)
foreach(name IN LISTS z_names)
  if(name MATCHES "^CONFIG_")
    string(REPLACE ";" "\;" z_value "${${name}}")
    list(APPEND z_words "--set=${name}=${z_value}")
  elseif(name MATCHES "^[Cc][Oo][Nn][Ff][Ii][Gg]_")
    list(APPEND z_words "--small=${name}")
  endif()
endforeach()
if(LLEXT_KCONFIG_STRICT)
  list(APPEND z_words --kconfig-strict)
endif()
execute_process(
  COMMAND "${LLEXT_PYTHON}" -I "${CMAKE_CURRENT_LIST_DIR}/configure.py" ${z_words}
  RESULT_VARIABLE z_result
)
if(z_result AND NOT z_result MATCHES "^[0-9]+$")
  message(FATAL_ERROR "Cannot start ${LLEXT_PYTHON}: ${z_result}. If that Python is gone, configure anew: cmake --fresh -B ... "
                      "-DZephyr_DIR=$(llext cmake-dir)")
elseif(z_result)
  message(FATAL_ERROR "The application is not configured; the reason stands above.")
endif()
