// Messages on their way out. Never waited for: two ranks that wait for each other to take a long
// message would wait for ever.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/ids.hpp"
#include "dead_ranks.hpp"

#include <mpi.h>

#include <cstdint>
#include <list>
#include <memory>
#include <set>
#include <string>

namespace bundle_match::transport {

/// MPI may read the bytes until MPI_Finalize returns, even those of ranks that are forgotten: the
/// outbox must outlive it.
class Outbox {
 public:
  using Bytes = std::shared_ptr<const std::string>;

  /// Where ranks go that turn out to be gone. It must outlive the outbox.
  explicit Outbox(DeadRanks& dead_ranks) : dead_ranks_(dead_ranks) {}

  /// Begins to send to a rank that is not forgotten. Throws LinkError if MPI fails for another
  /// reason than that the rank is gone.
  void post(MPI_Comm world, Rank to, int tag, Bytes bytes);

  /// Lets go of each rank's messages that have gone out, up to the first that has not. Throws what
  /// post() does.
  void clear();

  /// What has not gone out to the rank counts no more.
  void forget(Rank rank);
  [[nodiscard]] bool has_forgotten(Rank rank) const { return forgotten_.contains(rank); }

  [[nodiscard]] bool empty() const { return unsent_messages_ == 0; }
  [[nodiscard]] std::uint64_t unsent_bytes() const { return unsent_bytes_; }

 private:
  struct Sent {
    Rank to;
    Bytes bytes;
    MPI_Request request = MPI_REQUEST_NULL;
  };

  [[nodiscard]] bool has_gone(Sent& sent);
  void uncount(const Sent& sent);

  DeadRanks& dead_ranks_;
  std::list<Sent> on_their_way_;
  std::set<Rank> forgotten_;
  std::uint64_t unsent_messages_ = 0;  // to ranks that are not forgotten, as the bytes are
  std::uint64_t unsent_bytes_ = 0;
};

}  // namespace bundle_match::transport
