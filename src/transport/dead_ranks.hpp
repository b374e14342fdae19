// Ranks that have died, as far as MPI can tell.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/scheduler.hpp"

#include <boost/mpi/communicator.hpp>
#include <boost/mpi/exception.hpp>

#include <vector>

namespace bundle_match::transport {

/// Runs a call that a dead rank may make fail; false if it did.
template <class Call>
bool tolerating_dead_ranks(const Call& call) {
  try {
    call();
    return true;
  } catch (const boost::mpi::exception&) {
    return false;
  }
}

class DeadRanks {
 public:
  /// `world` must outlive it.
  explicit DeadRanks(const boost::mpi::communicator& world) : world_(world) {}

  /// Those that MPI has not told of before: with ULFM, else none.
  [[nodiscard]] std::vector<Rank> take();

 private:
  const boost::mpi::communicator& world_;
  int taken_ = 0;
};

}  // namespace bundle_match::transport
