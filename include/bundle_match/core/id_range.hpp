// Ids that follow each other, to loop over.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace bundle_match {

/// Visits ids one after another.
template <class Id>
class IdIterator {
 public:
  using iterator_category = std::forward_iterator_tag;
  using value_type = Id;
  using difference_type = std::ptrdiff_t;
  using pointer = const Id*;
  using reference = Id;

  constexpr IdIterator() = default;
  constexpr explicit IdIterator(Id id) : id_(id) {}

  constexpr Id operator*() const { return id_; }
  constexpr IdIterator& operator++() {
    ++id_;
    return *this;
  }
  constexpr IdIterator operator++(int) {
    const IdIterator before = *this;
    ++id_;
    return before;
  }
  friend constexpr bool operator==(const IdIterator&, const IdIterator&) = default;

 private:
  Id id_;
};

/// The ids from one on, up to but without another.
template <class Id>
class IdRange {
 public:
  constexpr IdRange() = default;
  /// None if `end` comes before `first`.
  constexpr IdRange(Id first, Id end) : first_(first), end_(std::max(first, end)) {}

  [[nodiscard]] constexpr IdIterator<Id> begin() const { return IdIterator<Id>(first_); }
  [[nodiscard]] constexpr IdIterator<Id> end() const { return IdIterator<Id>(end_); }
  [[nodiscard]] constexpr bool contains(Id id) const { return first_ <= id && id < end_; }

 private:
  Id first_;
  Id end_;
};

/// 0 .. count - 1; `count` must fit into the id's number.
template <class Id>
[[nodiscard]] constexpr IdRange<Id> first_ids(std::size_t count) {
  return {Id(), Id(static_cast<typename Id::value_type>(count))};
}

}  // namespace bundle_match
