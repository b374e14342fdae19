// Memory for millions of values, in pages of 2 MiB where the kernel has them: what a first touch
// costs is paid once for 512 ordinary pages. In a virtual machine it is most of the time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdlib>
#include <limits>
#include <new>
#include <vector>

namespace bundle_match {

/// Asks for large pages in a block that was allocated but not touched yet. A small block, or a
/// kernel without them, keeps ordinary ones.
void advise_large_pages(void* block, std::size_t bytes);

/// An allocator (C++ named requirement) that does so. Throws std::bad_alloc.
template <class Value>
struct LargePageAllocator {
  static_assert(alignof(Value) <= alignof(std::max_align_t));
  using value_type = Value;

  LargePageAllocator() = default;
  template <class Other>
  // NOLINTNEXTLINE(google-explicit-constructor): containers convert them
  LargePageAllocator(const LargePageAllocator<Other>& /*other*/) {}

  [[nodiscard]] Value* allocate(std::size_t count) {
    void* const block = count <= std::numeric_limits<std::size_t>::max() / sizeof(Value)
                            ? std::malloc(count * sizeof(Value))
                            : nullptr;
    if (block == nullptr) {
      throw std::bad_alloc();
    }
    advise_large_pages(block, count * sizeof(Value));
    return static_cast<Value*>(block);
  }
  void deallocate(Value* block, std::size_t /*count*/) { std::free(block); }

  friend bool operator==(const LargePageAllocator& /*a*/, const LargePageAllocator& /*b*/) {
    return true;
  }
};

template <class Value>
using LargeVector = std::vector<Value, LargePageAllocator<Value>>;

}  // namespace bundle_match
