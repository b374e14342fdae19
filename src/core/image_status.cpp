// Names of the statuses.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/core/image_status.hpp"

#include <array>

namespace bundle_match {
namespace {

constexpr std::array<std::string_view, 6> kStatusWords = {"ok",        "unreadable", "too-large",
                                                          "timed-out", "crashed",    "failed"};

}  // namespace

std::string_view to_string(ImageStatus status) {
  return kStatusWords.at(static_cast<std::size_t>(status));
}

std::optional<ImageStatus> image_status_from(std::string_view word) {
  for (std::size_t i = 0; i < kStatusWords.size(); ++i) {
    if (kStatusWords[i] == word) {
      return static_cast<ImageStatus>(i);
    }
  }
  return std::nullopt;
}

}  // namespace bundle_match
