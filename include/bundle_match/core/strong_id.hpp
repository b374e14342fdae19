// An integer type for each kind of thing that is numbered, so that one number is not taken for
// another.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstddef>
#include <functional>

namespace bundle_match {

/// `Kind` tells types of the same `Number` apart; it needs no definition.
template <class Kind, class Number>
class StrongId {
 public:
  using value_type = Number;

  constexpr StrongId() = default;
  constexpr explicit StrongId(Number value) : value_(value) {}

  [[nodiscard]] constexpr Number value() const { return value_; }

  constexpr StrongId& operator++() {
    ++value_;
    return *this;
  }

  /// The id so many further on.
  friend constexpr StrongId operator+(StrongId id, Number distance) {
    return StrongId(static_cast<Number>(id.value_ + distance));
  }
  /// How many ids further on `id` is than `other`.
  friend constexpr Number operator-(StrongId id, StrongId other) {
    return static_cast<Number>(id.value_ - other.value_);
  }

  // clang-tidy takes the 0 in what the compiler makes of a < b for a null pointer.
  // NOLINTNEXTLINE(modernize-use-nullptr)
  friend constexpr auto operator<=>(const StrongId&, const StrongId&) = default;

 private:
  Number value_{};
};

}  // namespace bundle_match

template <class Kind, class Number>
struct std::hash<bundle_match::StrongId<Kind, Number>> {
  std::size_t operator()(bundle_match::StrongId<Kind, Number> id) const noexcept {
    return std::hash<Number>{}(id.value());
  }
};
