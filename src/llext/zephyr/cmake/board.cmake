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
