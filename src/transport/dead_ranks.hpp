// Ranks that are gone, as far as MPI can tell.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/ids.hpp"

#include <mpi.h>

#include <set>
#include <vector>

namespace bundle_match::transport {

class DeadRanks {
 public:
  /// A message to or from the rank failed, because the rank is gone.
  void add(Rank rank) { untold_.insert(rank); }

  /// Those that were not taken before: what was added and, with ULFM, what MPI knows of `world`.
  [[nodiscard]] std::vector<Rank> take(MPI_Comm world);

 private:
  void ask(MPI_Comm world);

  std::set<Rank> untold_;
  std::set<Rank> told_;
  int asked_ = 0;  // how many of MPI's
};

}  // namespace bundle_match::transport
