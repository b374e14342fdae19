// How an order says which task it is of, and a result whose it is, so that nothing can be mistaken.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/rank_messages.hpp"
#include "bundle_match/core/work.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace bundle_match::simulation {

struct TaskKey {
  std::size_t stage = 0;
  std::uint64_t task = 0;

  friend bool operator==(const TaskKey&, const TaskKey&) = default;
};

/// A short path: it needs no memory of its own.
[[nodiscard]] inline std::string path_of(TaskKey key) {
  return {static_cast<char>('a' + key.stage), static_cast<char>('0' + key.task)};
}

[[nodiscard]] inline TaskKey key_of(const std::string& path) {
  return {static_cast<std::size_t>(path.at(0) - 'a'), static_cast<std::uint64_t>(path.at(1) - '0')};
}

/// Those of an image, whichever process described it.
[[nodiscard]] inline std::string features_of(ReferenceIndex image) {
  return "features of " + std::to_string(image.value());
}

/// Which task the result was computed for, and by which rank.
inline void sign(OrderResult& result, TaskKey key, Rank rank) {
  result.keypoints = static_cast<std::uint32_t>(key.task);
  result.width = static_cast<std::uint32_t>(key.stage + 1);
  result.height = static_cast<std::uint32_t>(rank.value() + 1);
}

[[nodiscard]] inline TaskKey signed_task(const OrderResult& result) {
  return {result.width - 1U, result.keypoints};
}

[[nodiscard]] inline Rank signed_rank(const OrderResult& result) {
  return Rank(static_cast<int>(result.height) - 1);
}

}  // namespace bundle_match::simulation
