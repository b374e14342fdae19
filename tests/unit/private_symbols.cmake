# Fails if an object file that is compiled for one instruction set defines a shared inline function:
# the linker might take that copy for code that runs on every CPU. Called with -DNM and -DOBJECTS.
# SPDX-License-Identifier: Apache-2.0
set(count 0)
foreach(object IN LISTS OBJECTS)
  execute_process(COMMAND ${NM} --demangle --defined-only ${object}
                  OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
  if(symbols MATCHES " [WVu] [^\n]*")
    message(SEND_ERROR "${object} defines a shared symbol:${CMAKE_MATCH_0}")
  endif()
  math(EXPR count "${count} + 1")
endforeach()
if(count EQUAL 0)
  message(FATAL_ERROR "no object files given")
endif()
message(STATUS "${count} object files, no shared symbols")
