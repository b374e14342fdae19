// What MPI's errors mean: a rank that is gone, or a defect that must not pass in silence.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/ids.hpp"

#include <cstddef>

namespace bundle_match::transport {

/// Whether errors of this class say that a rank has died (ULFM, MPI 4), whichever it is.
[[nodiscard]] bool tells_of_dead_rank(int error_class);

/// Whether a message to or from one rank that fails with an error of this class means that this
/// rank, or the way to it, is gone.
[[nodiscard]] bool tells_of_lost_peer(int error_class);

/// Of what an MPI call returned. False if it says that a rank has died; throws LinkError for any
/// other error. `call` is its name.
[[nodiscard]] bool succeeded(const char* call, int code);

/// The same for a call about a message to or from one rank.
[[nodiscard]] bool reached_peer(const char* call, int code);

/// A message's size as MPI takes it. Throws LinkError, which names it, if MPI does not.
[[nodiscard]] int mpi_count(std::size_t size_bytes, Rank to);

}  // namespace bundle_match::transport
