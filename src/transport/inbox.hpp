// Messages on their way in, of one kind: taken once they are here whole, and never waited for, as
// MPI's own receive would, for ever, if the sender dies when half of one is here.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/ids.hpp"
#include "dead_ranks.hpp"

#include <mpi.h>

#include <chrono>
#include <cstddef>
#include <list>
#include <memory>
#include <optional>
#include <set>
#include <string_view>

namespace bundle_match::transport {

/// MPI may write to a message that has not come in wholly until MPI_Finalize returns: the inbox
/// must outlive it.
class Inbox {
 public:
  struct Message {
    Rank from;
    std::unique_ptr<char[]> bytes;
    std::size_t size = 0;

    [[nodiscard]] std::string_view view() const { return {bytes.get(), size}; }
  };

  /// Those of any rank if `from` is nothing. `dead_ranks`, where ranks go that turn out to be gone,
  /// must outlive the inbox.
  Inbox(std::optional<Rank> from, int tag, DeadRanks& dead_ranks)
      : from_(from), tag_(tag), dead_ranks_(dead_ranks) {}

  /// The next message that is here; those of one rank in the order in which it sent them. Returns
  /// at once, but for a message that is just coming in, which it gives 50 ms at most. Throws
  /// LinkError if MPI fails for another reason than that a rank is gone.
  [[nodiscard]] std::optional<Message> try_take(MPI_Comm world);

  /// Messages of the rank are not given any more. They are received all the same, for MPI would
  /// show them again and again, before those of others.
  void forget(Rank rank) { forgotten_.insert(rank); }

 private:
  struct Incoming {
    Message message;
    MPI_Request request = MPI_REQUEST_NULL;
  };
  using Position = std::list<Incoming>::iterator;

  void begin_to_receive(MPI_Comm world);
  void receive(MPI_Comm world, const MPI_Status& status);
  [[nodiscard]] std::optional<Message> take_whole();
  [[nodiscard]] bool would_overtake(Position message);
  [[nodiscard]] bool is_forgotten(Rank rank) const { return forgotten_.contains(rank); }
  [[nodiscard]] bool is_receiving() const;

  std::optional<Rank> from_;
  int tag_;
  DeadRanks& dead_ranks_;
  std::set<Rank> forgotten_;
  std::list<Incoming> incoming_;
  std::chrono::steady_clock::time_point patient_until_;
};

}  // namespace bundle_match::transport
