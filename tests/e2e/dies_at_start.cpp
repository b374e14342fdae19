// Rank 1 is killed in its first exchange with the others, which then wait for it: for LD_PRELOAD,
// which puts this call before MPI's.
// SPDX-License-Identifier: Apache-2.0
#include <mpi.h>

#include <csignal>
#include <cstdlib>
#include <dlfcn.h>
#include <string_view>

extern "C" int MPI_Isend(const void* bytes, int count, MPI_Datatype type, int to, int tag,
                         MPI_Comm all, MPI_Request* request) {
  const char* const rank = std::getenv("OMPI_COMM_WORLD_RANK");
  if (rank != nullptr && std::string_view(rank) == "1") {
    (void)std::raise(SIGKILL);
  }
  using Call = int(const void*, int, MPI_Datatype, int, int, MPI_Comm, MPI_Request*);
  return reinterpret_cast<Call*>(::dlsym(RTLD_NEXT, "MPI_Isend"))(bytes, count, type, to, tag, all,
                                                                  request);
}
