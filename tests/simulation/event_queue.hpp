// What will happen in a simulated world, by time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/ids.hpp"
#include "random.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace bundle_match::simulation {

struct Event {
  enum class Kind : std::uint8_t {
    // Of rank 0's process.
    message_to_rank_0,  // `rank` has sent it; `number`: of the message
    repeated_to_rank_0,
    rank_0_tick,
    sink_step,
    sink_answer,
    file_looked_for,   // `number`: the order
    order_is_sent,     // of those handed out, `number`
    death_told,        // of `rank`
    nonsense,          // of `rank`
    order_is_refused,  // that `rank` was handed, `number`
    // Of the process of `rank`, rank 0's included.
    message_to_worker,
    repeated_to_worker,
    message_to_peer,  // `number`: network.hpp
    worker_tick,
    processor_starts,
    process_word,  // its compute process or the fork server has sent something
    // Of the compute process of `rank`, and the fork server beside it.
    process_step,  // `number`: the generation of the process
    fork_server_reply,
    // From outside.
    dies,
    stops,     // the rank's process; `number`: for so many nanoseconds
    suspends,  // its compute process, too
    resumes,
  };

  Time at;
  std::uint64_t sequence = 0;  // of equal times the one entered first comes first
  Kind kind = Kind::rank_0_tick;
  Rank rank;
  std::uint64_t number = 0;
};

class EventQueue {
 public:
  void add(Time at, Event::Kind kind, Rank rank = kRank0, std::uint64_t number = 0) {
    events_.push_back({at, next_sequence_++, kind, rank, number});
    std::push_heap(events_.begin(), events_.end(), later);
  }

  [[nodiscard]] bool empty() const { return events_.empty(); }

  Event take_first() {
    std::pop_heap(events_.begin(), events_.end(), later);
    const Event first = events_.back();
    events_.pop_back();
    return first;
  }

 private:
  static bool later(const Event& a, const Event& b) {
    return a.at != b.at ? a.at > b.at : a.sequence > b.sequence;
  }

  std::vector<Event> events_;
  std::uint64_t next_sequence_ = 0;
};

}  // namespace bundle_match::simulation
