// A vector that takes ids of one kind as positions, so that it is not asked with another's.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/id_range.hpp"

#include <cstddef>
#include <utility>
#include <vector>

namespace bundle_match {

/// Values of the ids 0 .. size() - 1. `Vector` is std::vector, or one with another allocator.
template <class Id, class Value, class Vector = std::vector<Value>>
class ById {
 public:
  using value_type = Value;
  using reference = typename Vector::reference;
  using const_reference = typename Vector::const_reference;

  ById() = default;
  explicit ById(std::size_t size, const Value& value = Value()) : values_(size, value) {}
  explicit ById(Vector values) : values_(std::move(values)) {}

  /// Throws std::out_of_range for an id that has no value.
  [[nodiscard]] reference at(Id id) { return values_.at(position(id)); }
  [[nodiscard]] const_reference at(Id id) const { return values_.at(position(id)); }
  /// Not checked: for loops over pairs, and ids of ids().
  [[nodiscard]] reference operator[](Id id) { return values_[position(id)]; }
  [[nodiscard]] const_reference operator[](Id id) const { return values_[position(id)]; }

  [[nodiscard]] bool contains(Id id) const { return position(id) < values_.size(); }
  [[nodiscard]] IdRange<Id> ids() const { return first_ids<Id>(values_.size()); }
  [[nodiscard]] std::size_t size() const { return values_.size(); }
  [[nodiscard]] bool empty() const { return values_.empty(); }

  /// Returns the value's id.
  Id push_back(Value value) {
    values_.push_back(std::move(value));
    return Id(static_cast<typename Id::value_type>(values_.size() - 1));
  }
  void reserve(std::size_t size) { values_.reserve(size); }
  void resize(std::size_t size) { values_.resize(size); }

  [[nodiscard]] auto begin() { return values_.begin(); }
  [[nodiscard]] auto end() { return values_.end(); }
  [[nodiscard]] auto begin() const { return values_.begin(); }
  [[nodiscard]] auto end() const { return values_.end(); }

  friend bool operator==(const ById&, const ById&) = default;

 private:
  // A negative number becomes one that no vector has.
  [[nodiscard]] static std::size_t position(Id id) { return static_cast<std::size_t>(id.value()); }

  Vector values_;
};

}  // namespace bundle_match
