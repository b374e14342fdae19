// ULFM: MPIX_Comm_get_failed().
// SPDX-License-Identifier: Apache-2.0
#include "dead_ranks.hpp"

#include <mpi.h>
#ifdef OPEN_MPI
#include <mpi-ext.h>
#endif

namespace bundle_match::transport {

// Asks: Open MPI 5 makes no look for messages from any source fail because a rank has died. A local
// call of half a microsecond; those that it did not tell before stand last.
std::vector<Rank> DeadRanks::take() {
  std::vector<Rank> ranks;
#ifdef OMPI_HAVE_MPIX_COMM_GET_FAILED
  MPI_Group failed = MPI_GROUP_NULL;
  if (MPIX_Comm_get_failed(world_, &failed) != MPI_SUCCESS) {
    return ranks;
  }
  int size = 0;
  MPI_Group_size(failed, &size);
  if (size > taken_) {
    MPI_Group all = MPI_GROUP_NULL;
    MPI_Comm_group(world_, &all);
    for (; taken_ < size; ++taken_) {
      Rank rank = MPI_UNDEFINED;
      MPI_Group_translate_ranks(failed, 1, &taken_, all, &rank);
      ranks.push_back(rank);
    }
    MPI_Group_free(&all);
    int acknowledged = 0;  // else a later version may make all such looks fail from now on
    MPIX_Comm_ack_failed(world_, size, &acknowledged);
  }
  MPI_Group_free(&failed);
#else
  (void)world_;
  (void)taken_;
#endif
  return ranks;
}

}  // namespace bundle_match::transport
