# SPDX-License-Identifier: Apache-2.0
# What was packed is an ELF file, and smaller than what it was made from.

file(READ "${PACKED}" magic LIMIT 4 HEX)
if(NOT magic STREQUAL "7f454c46")
  message(FATAL_ERROR "${PACKED}: ${magic}")
endif()
file(SIZE "${PACKED}" size)
file(SIZE "${UNPACKED}" whole)
if(size GREATER_EQUAL whole)
  message(FATAL_ERROR "${PACKED} has ${size} bytes, ${UNPACKED} ${whole}")
endif()
if(NOT EXISTS "${OBJECTS}")
  message(FATAL_ERROR "${OBJECTS} is not there")
endif()
configure_file("${PACKED}" "${COPY}" COPYONLY)
