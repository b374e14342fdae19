// Results of ranks that did not find a file, until it is known whether rank 0's host has it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/ids.hpp"
#include "bundle_match/core/work.hpp"

#include <optional>
#include <unordered_map>
#include <utility>

namespace bundle_match::machine {

class MissingFiles {
 public:
  struct Parked {
    Rank rank;
    TaskId task;
    OrderResult result;
  };

  void park(Parked parked) {
    const OrderId order = parked.result.order;
    parked_.emplace(order, std::move(parked));
  }

  /// Gives it back; nothing if it is not here (any more).
  [[nodiscard]] std::optional<Parked> take(OrderId order) {
    auto node = parked_.extract(order);
    return node.empty() ? std::nullopt : std::optional(std::move(node.mapped()));
  }

  [[nodiscard]] bool empty() const { return parked_.empty(); }
  void clear() { parked_.clear(); }

 private:
  std::unordered_map<OrderId, Parked> parked_;
};

}  // namespace bundle_match::machine
