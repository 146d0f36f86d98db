# SPDX-License-Identifier: Apache-2.0
#
# cmake -P copy.cmake FROM TO [FROM TO ...]: copies files; what is equal already is left alone, so that nobody need read it again.
math(EXPR last "${CMAKE_ARGC} - 1")
foreach(i RANGE 3 ${last} 2)
  math(EXPR to "${i} + 1")
  file(COPY_FILE "${CMAKE_ARGV${i}}" "${CMAKE_ARGV${to}}" ONLY_IF_DIFFERENT)
endforeach()
