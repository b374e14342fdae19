// Some of the references, in ascending order, as the ranges that they make.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace bundle_match {

/// Visits the references of ranges that hold one at least.
class ReferenceIterator {
 public:
  using iterator_category = std::forward_iterator_tag;
  using value_type = ReferenceIndex;
  using difference_type = std::ptrdiff_t;
  using pointer = const ReferenceIndex*;
  using reference = ReferenceIndex;

  ReferenceIterator() = default;
  explicit ReferenceIterator(const ReferenceRange* range) : range_(range) {}

  ReferenceIndex operator*() const { return range_->first + passed_; }
  ReferenceIterator& operator++() {
    if (++passed_ == range_->count) {
      ++range_;
      passed_ = 0;
    }
    return *this;
  }
  ReferenceIterator operator++(int) {
    const ReferenceIterator before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(const ReferenceIterator&, const ReferenceIterator&) = default;

 private:
  const ReferenceRange* range_ = nullptr;
  std::uint32_t passed_ = 0;
};

class ReferenceList;

/// The references of ranges that belong to somebody else. The ranges are ascending, with a gap
/// between one and the next, and none is empty.
class ReferenceView {
 public:
  explicit ReferenceView(std::span<const ReferenceRange> ranges) : ranges_(ranges) {}

  [[nodiscard]] ReferenceIterator begin() const { return ReferenceIterator(ranges_.data()); }
  [[nodiscard]] ReferenceIterator end() const {
    return ReferenceIterator(ranges_.data() + ranges_.size());
  }
  [[nodiscard]] std::span<const ReferenceRange> ranges() const { return ranges_; }

  /// Up to `count` of them, from the one with that position on.
  [[nodiscard]] ReferenceList part(std::uint64_t first, std::uint64_t count) const;

 private:
  std::span<const ReferenceRange> ranges_;
};

/// The same with ranges of its own.
class ReferenceList {
 public:
  ReferenceList() = default;
  ReferenceList(ReferenceIndex first, std::uint32_t count);
  /// As ReferenceView takes them; throws std::invalid_argument for others.
  explicit ReferenceList(std::vector<ReferenceRange> ranges);

  [[nodiscard]] ReferenceIterator begin() const { return view().begin(); }
  [[nodiscard]] ReferenceIterator end() const { return view().end(); }
  [[nodiscard]] ReferenceView view() const { return ReferenceView(ranges_); }
  [[nodiscard]] const std::vector<ReferenceRange>& ranges() const { return ranges_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }

  /// Throws std::out_of_range if there are no more than `position`.
  [[nodiscard]] ReferenceIndex at(std::size_t position) const;
  /// How many stand before it; nothing if it is none of them.
  [[nodiscard]] std::optional<std::size_t> position_of(ReferenceIndex reference) const;

  friend bool operator==(const ReferenceList&, const ReferenceList&) = default;

 private:
  std::vector<ReferenceRange> ranges_;
  std::size_t size_ = 0;
};

}  // namespace bundle_match
