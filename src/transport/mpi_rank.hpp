// Ranks as MPI takes and gives them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/ids.hpp"

namespace bundle_match::transport {

[[nodiscard]] constexpr int mpi_rank(Rank rank) { return rank.value(); }
[[nodiscard]] constexpr Rank rank_of_mpi(int rank) { return Rank(rank); }

}  // namespace bundle_match::transport
