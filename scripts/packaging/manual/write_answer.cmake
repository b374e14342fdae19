# Writes OUTPUT, a program that prints HELP in the form in which help2man expects options.
# SPDX-License-Identifier: Apache-2.0
cmake_minimum_required(VERSION 3.22)
file(READ ${HELP} text)
string(REGEX REPLACE " \\(Env:[A-Z_]+\\)" "" text "${text}")
string(REGEX REPLACE "\n  (-[A-Za-z0-9]),--" "\n  \\1, --" text "${text}")
string(REGEX REPLACE "\nExit status:.*" "\n" text "${text}")
# Each example in a line of its own.
string(FIND "${text}" "\nExamples:\n" place)
string(SUBSTRING "${text}" 0 ${place} options)
string(SUBSTRING "${text}" ${place} -1 rest)
string(REPLACE "\n  " "\n\n  " rest "${rest}")
set(text "${options}${rest}")
file(WRITE ${OUTPUT} "#!/bin/sh\ncat <<'END_OF_HELP'\n${text}END_OF_HELP\n")
file(CHMOD ${OUTPUT} PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
