// Tasks as a stage hands them to the scheduler.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/scheduler.hpp"

#include <cstdint>
#include <initializer_list>

namespace bundle_match::test {

inline LargeVector<TaskId> tasks(std::initializer_list<std::uint64_t> numbers) {
  LargeVector<TaskId> order;
  for (const std::uint64_t number : numbers) {
    order.emplace_back(number);
  }
  return order;
}

inline LargeVector<TaskId> tasks_up_to(std::uint64_t count) {
  LargeVector<TaskId> order;
  for (std::uint64_t number = 0; number < count; ++number) {
    order.emplace_back(number);
  }
  return order;
}

}  // namespace bundle_match::test
