// A growing array of plain values whose growth moves pages instead of copying them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/large_pages.hpp"

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

namespace bundle_match {

/// Like a std::vector that only grows. realloc(3) remaps a block of this size, so that a gigabyte
/// does not need two at the moment it grows. Throws std::bad_alloc.
template <class Value>
class LargeArray {
  static_assert(std::is_trivially_copyable_v<Value>);

 public:
  LargeArray() = default;
  LargeArray(LargeArray&& other) noexcept
      : values_(std::move(other.values_)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  LargeArray& operator=(LargeArray&& other) noexcept {
    values_ = std::move(other.values_);
    size_ = std::exchange(other.size_, 0);
    capacity_ = std::exchange(other.capacity_, 0);
    return *this;
  }

  void append(std::span<const Value> values) {
    if (values.empty()) {
      return;
    }
    if (size_ + values.size() > capacity_) {
      grow(size_ + values.size());
    }
    std::memcpy(values_.get() + size_, values.data(), values.size_bytes());
    size_ += values.size();
  }
  void push_back(const Value& value) { append({&value, 1}); }

  [[nodiscard]] const Value* data() const { return values_.get(); }
  [[nodiscard]] const Value& operator[](std::size_t i) const { return values_.get()[i]; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }

 private:
  struct Free {
    void operator()(Value* values) const { std::free(values); }
  };

  void grow(std::size_t needed) {
    constexpr std::size_t kFirst = 1024;
    std::size_t capacity = capacity_ > 0 ? capacity_ : kFirst;
    while (capacity < needed) {
      capacity *= 2;
    }
    void* const grown = std::realloc(values_.get(), capacity * sizeof(Value));
    if (grown == nullptr) {
      throw std::bad_alloc();
    }
    advise_large_pages(grown, capacity * sizeof(Value));
    (void)values_.release();
    values_.reset(static_cast<Value*>(grown));
    capacity_ = capacity;
  }

  std::unique_ptr<Value, Free> values_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace bundle_match
