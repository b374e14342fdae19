// What may be removed from a cache's folder, and in which order.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <ctime>
#include <string>

namespace bundle_match::cache {

/// What entries may take after pruning, 90 % of the limit: pruning is then not due again at once.
[[nodiscard]] constexpr std::uint64_t kept_bytes(std::uint64_t limit_bytes) {
  return limit_bytes - limit_bytes / 10;
}

/// Removes temporary files older than an hour, and the entries used longest ago until the rest
/// takes no more than kept_bytes (0 as a limit: none). `now` is a time of the folder's own file
/// system, as its clock may be another host's. Links are not followed, other files not touched;
/// others may prune and store at the same time.
void prune_folder(const std::string& folder, std::uint64_t limit_bytes, const timespec& now);

}  // namespace bundle_match::cache
