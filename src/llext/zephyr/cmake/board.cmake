# SPDX-License-Identifier: Apache-2.0
#
# Which board, and which files configure the application.
if(NOT BOARD)
  set(BOARD "$ENV{BOARD}")
endif()
if(NOT BOARD)
  set(BOARD "mps2/an385")
  message(STATUS "No board was named: ${BOARD}. Name one by -DBOARD=...")
endif()
set(BOARD "${BOARD}" CACHE STRING "Board")

# As Zephyr parts its name: mps2, /an385, mps2_an385.
set(Z_BOARD "${BOARD}")
string(REGEX REPLACE "/.*" "" BOARD "${Z_BOARD}")
string(REGEX REPLACE "^[^/]*" "" BOARD_QUALIFIERS "${Z_BOARD}")
string(REPLACE "/" "_" NORMALIZED_BOARD_QUALIFIERS "${BOARD_QUALIFIERS}")
set(NORMALIZED_BOARD_TARGET "${BOARD}${NORMALIZED_BOARD_QUALIFIERS}")
