// Who works on what: a state machine, events in, assignments out. Knows no clock, no MPI, no files.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/large_pages.hpp"
#include "bundle_match/core/messages.hpp"

#include <cstddef>
#include <deque>
#include <vector>

namespace bundle_match {

using Rank = int;

/// "This rank works on this image next."
struct Assignment {
  Rank rank = 0;
  ImageIndex image = kNoImage;

  friend bool operator==(const Assignment&, const Assignment&) = default;
};

/// Hands out images on demand. A rank holds up to `credit` images: one it computes and others it
/// has queued, so that it never waits for the round trip. A place behind the first is filled only
/// while more images are unassigned than there are ranks, so that near the end no image waits
/// behind another while a rank is free.
///
/// With a credit above 2, for images that take less time than a message, a rank gets several at
/// once when half of what it held is done, and fewer towards the end: no more than half of its even
/// share of what is unassigned (guided self-scheduling, Polychronopoulos and Kuck 1987).
class Scheduler {
 public:
  /// `hand_out_order` holds every image of the run once. Ranks are 0 .. ranks - 1.
  Scheduler(LargeVector<ImageIndex> hand_out_order, int ranks, std::size_t credit = 2);

  /// The rank asks for its first work.
  [[nodiscard]] std::vector<Assignment> rank_ready(Rank rank);

  /// The rank has finished the image. Throws std::logic_error if it did not hold it.
  [[nodiscard]] std::vector<Assignment> image_done(Rank rank, ImageIndex image);

  /// The rank is gone; what it held is handed to others, first of all.
  [[nodiscard]] std::vector<Assignment> rank_lost(Rank rank);

  /// How many images a rank may hold from now on; at least 1.
  void set_credit(std::size_t credit);

  /// Hands nothing out any more; what is held may still be finished.
  void stop_handing_out();

  /// Whether nothing is left to hand out and nothing is held.
  [[nodiscard]] bool finished() const { return unassigned() == 0 && held_count_ == 0; }

  [[nodiscard]] std::size_t unassigned() const {
    return returned_.size() + (order_.size() - next_);
  }
  [[nodiscard]] bool is_lost(Rank rank) const;
  [[nodiscard]] bool any_lost() const { return live_ranks_ < ranks_.size(); }
  /// The images the rank holds now, in the order it works on them.
  [[nodiscard]] const std::deque<ImageIndex>& held_by(Rank rank) const;

 private:
  enum class RankState { starting, working, lost };
  struct RankEntry {
    RankState state = RankState::starting;
    std::deque<ImageIndex> held;
  };

  RankEntry& entry(Rank rank);
  void fill(Rank rank, std::vector<Assignment>& actions);
  [[nodiscard]] std::size_t places() const;
  ImageIndex take_next();

  LargeVector<ImageIndex> order_;
  std::size_t next_ = 0;             // in order_
  std::deque<ImageIndex> returned_;  // by lost ranks: before all others
  std::vector<RankEntry> ranks_;
  std::size_t live_ranks_;
  std::size_t held_count_ = 0;
  std::size_t credit_;
};

}  // namespace bundle_match
