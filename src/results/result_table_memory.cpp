// What a table takes, and what is said where there is less.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/results/result_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <new>
#include <stdexcept>
#include <string>

namespace bundle_match::results {
namespace {

constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();

std::string in_gib(std::uint64_t bytes) {
  return fmt::format("{:.1f} GiB", static_cast<double>(bytes) / (1U << 30));
}

std::uint64_t bytes_of_pair(bool inliers) { return inliers ? 8 : 4; }

// `available` is 0 if it is not known.
[[noreturn]] void refuse(const WorkPlan& plan, std::uint64_t needed, std::uint64_t available) {
  std::string words =
      fmt::format("more pairs than any host has memory for ({} images)", plan.images());
  if (needed != kMost) {
    words = fmt::format("{} pairs ({} images) take {} of memory of rank 0's host, which {}",
                        plan.pairs(), plan.images(), in_gib(needed),
                        available > 0 ? "has " + in_gib(available) + " for them" : "has less");
  }
  throw TableTooLarge(words +
                      ": match fewer images in a run, or let rank 0 run on a host with more");
}

}  // namespace

std::uint64_t table_bytes(const WorkPlan& plan, bool inliers) {
  const std::uint64_t a_pair = bytes_of_pair(inliers);
  const std::uint64_t an_image = sizeof(ResultTable::Entry);
  if (plan.pairs() > kMost / a_pair || plan.images() > kMost / an_image) {
    return kMost;
  }
  const std::uint64_t pairs = plan.pairs() * a_pair;
  const std::uint64_t images = plan.images() * an_image;
  return pairs > kMost - images ? kMost : pairs + images;
}

std::uint64_t ResultTable::most_pairs() const {
  const std::uint64_t images = plan_.images() * sizeof(Entry);
  return memory_.most_bytes == 0
             ? kMost
             : (std::max(memory_.most_bytes, images) - images) / bytes_of_pair(memory_.inliers);
}

void ResultTable::fit_into_memory(const WorkPlan& plan,
                                  const std::function<void()>& allocate) const {
  const std::uint64_t needed = table_bytes(plan, memory_.inliers);
  if (needed == kMost || (memory_.most_bytes > 0 && needed > memory_.most_bytes)) {
    refuse(plan, needed, memory_.most_bytes);
  }
  try {
    allocate();
  } catch (const std::bad_alloc&) {
    refuse(plan, needed, 0);
  } catch (const std::length_error&) {
    refuse(plan, needed, 0);
  }
}

}  // namespace bundle_match::results
