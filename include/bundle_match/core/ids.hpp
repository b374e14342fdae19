// How ranks, images, references, tasks and orders are numbered.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/strong_id.hpp"

#include <cstdint>
#include <limits>

namespace bundle_match {

/// Of MPI_COMM_WORLD.
using Rank = int;

/// Position of an image in the input, from 0.
using ImageIndex = std::uint64_t;
inline constexpr ImageIndex kNoImage = std::numeric_limits<ImageIndex>::max();

/// Position of a reference among the references, from 0.
using ReferenceIndex = std::uint32_t;
/// "The image's features are not to be taken from the set of references."
inline constexpr ReferenceIndex kNoReference = std::numeric_limits<ReferenceIndex>::max();

/// Some of the references, one after another.
struct ReferenceRange {
  ReferenceIndex first = 0;
  ReferenceIndex count = 0;

  friend bool operator==(const ReferenceRange&, const ReferenceRange&) = default;
};

/// Position of a piece of work among those of a stage of the run, from 0.
using TaskId = StrongId<struct TaskKind, std::uint64_t>;

/// One handing out of a task to a rank. A task that is handed out again, because a rank was lost,
/// is another order: this tells a late result of the first one apart. Never used twice in a run.
using OrderId = StrongId<struct OrderKind, std::uint64_t>;

}  // namespace bundle_match
