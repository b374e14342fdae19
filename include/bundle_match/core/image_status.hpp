// The statuses of an image: whether it was matched, and if not, why.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace bundle_match {

/// The numbers travel between ranks and stand in files: append, never renumber.
enum class ImageStatus : std::uint8_t {
  ok = 0,          ///< matched; an image without features is ok with 0 matches
  unreadable = 1,  ///< missing, not a file, not an image, or damaged
  too_large = 2,   ///< its computation does not fit the memory limit
  timed_out = 3,   ///< no result within the time limit
  crashed = 4,     ///< the compute process died of it, twice
  failed = 5,      ///< anything else: the library refused it
};

[[nodiscard]] constexpr ImageStatus last_value(ImageStatus /*any*/) { return ImageStatus::failed; }

/// As written in csv and jsonl: "ok", "unreadable", "too-large", ...
[[nodiscard]] std::string_view to_string(ImageStatus status);

/// The inverse of to_string; nothing for a word that is no status.
[[nodiscard]] std::optional<ImageStatus> image_status_from(std::string_view word);

}  // namespace bundle_match
