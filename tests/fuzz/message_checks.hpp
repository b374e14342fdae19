// What holds of the messages of both protocols.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/work.hpp"
#include "bundle_match/wire/encoding.hpp"
#include "fuzz_support.hpp"

#include <array>
#include <optional>
#include <string_view>

namespace bundle_match::fuzz {

/// The message; nothing if the bytes are none. Whatever is one has no other bytes than these, alone
/// or with others behind it.
template <class Message>
[[nodiscard]] std::optional<Message> decoded(std::string_view bytes) {
  try {
    auto message = wire::decode<Message>(bytes);
    require(wire::encode(message) == bytes, "a message encodes to the bytes it was decoded from");
    const std::string twice = std::string(bytes) + std::string(bytes);
    std::string_view left = twice;
    require(wire::encode(wire::take_first<Message>(left)) == bytes && left == bytes,
            "of two messages, the first is taken and the second left");
    return message;
  } catch (const wire::DecodeError&) {
    return std::nullopt;
  }
}

/// An order's work of each kind.
[[nodiscard]] inline const Work& work_of(unsigned choice) {
  static const std::array<Work, 6> kWorks = {
      DescribeWork{},
      MatchWork{{ReferenceIndex(0), 1}},
      MatchWork{{ReferenceIndex(2), 3}},
      MatchDescribedWork{ReferenceIndex(1), {ReferenceIndex(2), 2}},
      DrawWork{ReferenceIndex(1), "a", ReferenceIndex(0), {}, {}},
      ThumbnailWork{}};
  return kWorks.at(choice % kWorks.size());
}

/// The options that decide what a result may hold, by the bits of a byte.
[[nodiscard]] inline MatchOptions options_of(unsigned bits) {
  MatchOptions options;
  options.report_features = (bits & 1U) != 0;
  options.report_matches = (bits & 2U) != 0;
  options.report_pictures = (bits & 4U) != 0;
  options.verification = (bits & 8U) != 0 ? Verification::homography : Verification::none;
  options.cache_dir = (bits & 16U) != 0 ? "cache" : "";
  return options;
}

}  // namespace bundle_match::fuzz
