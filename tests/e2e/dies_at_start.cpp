// Rank 1 is killed in its first exchange with the others, which then wait for it: for LD_PRELOAD,
// which puts this call before MPI's.
// SPDX-License-Identifier: Apache-2.0
#include <mpi.h>

#include <csignal>
#include <cstdlib>
#include <dlfcn.h>
#include <string_view>

extern "C" int MPI_Comm_split_type(MPI_Comm all, int type, int key, MPI_Info info, MPI_Comm* part) {
  const char* const rank = std::getenv("OMPI_COMM_WORLD_RANK");
  if (rank != nullptr && std::string_view(rank) == "1") {
    (void)std::raise(SIGKILL);
  }
  using Call = int(MPI_Comm, int, int, MPI_Info, MPI_Comm*);
  return reinterpret_cast<Call*>(::dlsym(RTLD_NEXT, "MPI_Comm_split_type"))(all, type, key, info,
                                                                            part);
}
