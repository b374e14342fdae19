# Writes what PROGRAM says to --help and --kernel list; files stay untouched if it is the same as before,
# so that what is made of them is not made again at every change of the program.
# SPDX-License-Identifier: Apache-2.0
cmake_minimum_required(VERSION 3.22)

# In a job of a batch system: without these no rank of one.
foreach(name IN ITEMS OMPI_COMM_WORLD_RANK PMIX_RANK PMI_RANK SLURM_PROCID SLURM_NTASKS)
  unset(ENV{${name}})
endforeach()

function(ask file)
  execute_process(COMMAND ${PROGRAM} ${ARGN} OUTPUT_VARIABLE answer ENCODING NONE
                  COMMAND_ERROR_IS_FATAL ANY)
  file(CONFIGURE OUTPUT ${file} CONTENT "@answer@" @ONLY NEWLINE_STYLE UNIX)
endfunction()

ask(help.txt --help)
ask(kernels.txt --kernel list)
