// Walks along the ranges.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/core/reference_list.hpp"

#include <algorithm>
#include <stdexcept>

namespace bundle_match {
ReferenceList ReferenceView::part(std::uint64_t first, std::uint64_t count) const {
  std::vector<ReferenceRange> ranges;
  for (const ReferenceRange& range : ranges_) {
    const auto skipped = static_cast<std::uint32_t>(std::min<std::uint64_t>(first, range.count));
    const auto taken =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(count, range.count - skipped));
    first -= skipped;
    count -= taken;
    if (taken > 0) {
      ranges.push_back({range.first + skipped, taken});
    } else if (count == 0) {
      break;
    }
  }
  return ReferenceList(std::move(ranges));
}

ReferenceList::ReferenceList(ReferenceIndex first, std::uint32_t count)
    : ReferenceList(count > 0 ? std::vector<ReferenceRange>{{first, count}}
                              : std::vector<ReferenceRange>()) {}

ReferenceList::ReferenceList(std::vector<ReferenceRange> ranges) : ranges_(std::move(ranges)) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 32;
  std::uint64_t next = 0;
  for (const ReferenceRange& range : ranges_) {
    if (range.count == 0 || range.first.value() < next || range.past() > kMost) {
      throw std::invalid_argument("ranges of references that are empty, or in no order");
    }
    next = range.past() + 1;
    size_ += range.count;
  }
}

ReferenceIndex ReferenceList::at(std::size_t position) const {
  for (const ReferenceRange& range : ranges_) {
    if (position < range.count) {
      return range.first + static_cast<std::uint32_t>(position);
    }
    position -= range.count;
  }
  throw std::out_of_range("a position behind the last reference");
}

std::optional<std::size_t> ReferenceList::position_of(ReferenceIndex reference) const {
  std::size_t before = 0;
  for (const ReferenceRange& range : ranges_) {
    if (range.contains(reference)) {
      return before + (reference - range.first);
    }
    before += range.count;
  }
  return std::nullopt;
}

}  // namespace bundle_match
