// How ranks, images, references, tasks and orders are numbered.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/id_range.hpp"
#include "bundle_match/core/strong_id.hpp"

#include <cstddef>
#include <cstdint>

namespace bundle_match {

/// Of MPI_COMM_WORLD.
using Rank = StrongId<struct RankKind, int>;

/// The one that hands out the work.
inline constexpr Rank kRank0{0};

/// The others of so many ranks.
[[nodiscard]] constexpr IdRange<Rank> worker_ranks(std::size_t ranks) {
  return {kRank0 + 1, Rank(static_cast<int>(ranks))};
}

/// Of the machines that ranks run on, from 0.
using HostIndex = StrongId<struct HostKind, std::size_t>;

/// Position of an image in the input, from 0.
using ImageIndex = StrongId<struct ImageKind, std::uint64_t>;

/// Position of a reference among the references, from 0.
using ReferenceIndex = StrongId<struct ReferenceKind, std::uint32_t>;

/// Of all pairs, the images are the references, too, in the same order.
[[nodiscard]] constexpr ImageIndex image_of(ReferenceIndex reference) {
  return ImageIndex(reference.value());
}
/// Likewise. There are no more than 2^32 images in such a run.
[[nodiscard]] constexpr ReferenceIndex reference_of(ImageIndex image) {
  return ReferenceIndex(static_cast<std::uint32_t>(image.value()));
}

/// Some of the references, one after another.
struct ReferenceRange {
  ReferenceIndex first;
  std::uint32_t count = 0;

  [[nodiscard]] constexpr IdIterator<ReferenceIndex> begin() const {
    return IdIterator<ReferenceIndex>(first);
  }
  [[nodiscard]] constexpr IdIterator<ReferenceIndex> end() const {
    return IdIterator<ReferenceIndex>(first + count);
  }
  /// The number behind the last; of any range, as its numbers may come from elsewhere.
  [[nodiscard]] constexpr std::uint64_t past() const {
    return std::uint64_t{first.value()} + count;
  }
  [[nodiscard]] constexpr bool contains(ReferenceIndex reference) const {
    return reference - first < count;  // unsigned: one before the first is far behind the last
  }

  friend bool operator==(const ReferenceRange&, const ReferenceRange&) = default;
};

/// Position of a piece of work among those of a stage of the run, from 0.
using TaskId = StrongId<struct TaskKind, std::uint64_t>;

/// One handing out of a task to a rank. A task that is handed out again, because a rank was lost,
/// is another order: this tells a late result of the first one apart. Never used twice in a run.
using OrderId = StrongId<struct OrderKind, std::uint64_t>;

}  // namespace bundle_match
