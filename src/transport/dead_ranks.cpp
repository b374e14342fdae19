// ULFM: MPIX_Comm_get_failed().
// SPDX-License-Identifier: Apache-2.0
#include "dead_ranks.hpp"

#include "mpi_rank.hpp"

#ifdef OPEN_MPI
#include <mpi-ext.h>
#endif

namespace bundle_match::transport {

std::vector<Rank> DeadRanks::take(MPI_Comm world) {
  ask(world);
  std::vector<Rank> ranks;
  for (const Rank rank : untold_) {
    if (told_.insert(rank).second) {
      ranks.push_back(rank);
    }
  }
  untold_.clear();
  return ranks;
}

// Asks: Open MPI 5 makes no look for messages from any source fail because a rank has died. A local
// call of half a microsecond; those that it did not tell before stand last.
void DeadRanks::ask(MPI_Comm world) {
#ifdef OMPI_HAVE_MPIX_COMM_GET_FAILED
  MPI_Group failed = MPI_GROUP_NULL;
  if (MPIX_Comm_get_failed(world, &failed) != MPI_SUCCESS) {
    return;
  }
  int size = 0;
  MPI_Group_size(failed, &size);
  if (size > asked_) {
    MPI_Group all = MPI_GROUP_NULL;
    MPI_Comm_group(world, &all);
    for (; asked_ < size; ++asked_) {
      int rank = MPI_UNDEFINED;
      MPI_Group_translate_ranks(failed, 1, &asked_, all, &rank);
      add(rank_of_mpi(rank));
    }
    MPI_Group_free(&all);
    int acknowledged = 0;  // else a later version may make all such looks fail from now on
    MPIX_Comm_ack_failed(world, size, &acknowledged);
  }
  MPI_Group_free(&failed);
#else
  (void)world;
  (void)asked_;
#endif
}

}  // namespace bundle_match::transport
