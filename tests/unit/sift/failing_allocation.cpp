// The replaced operators new and delete, in a file of their own: inlined, GCC takes them for
// mismatched ones.
// SPDX-License-Identifier: Apache-2.0
#include "failing_allocation.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace bundle_match::features {
namespace {

std::atomic<int> successes_left{-1};

void* allocate(std::size_t size, std::size_t alignment) {
  // Only one fails, so that what reports the failure can allocate.
  if (successes_left >= 0 && successes_left-- == 0) {
    throw std::bad_alloc();
  }
  size = (std::max<std::size_t>(size, 1) + alignment - 1) / alignment * alignment;
  void* memory = std::aligned_alloc(alignment, size);
  if (memory == nullptr) {
    throw std::bad_alloc();
  }
  return memory;
}

}  // namespace

void fail_allocation_after(int count) { successes_left = count; }

bool allocation_has_failed() { return successes_left < 0; }

}  // namespace bundle_match::features

void* operator new(std::size_t size) {
  return bundle_match::features::allocate(size, alignof(std::max_align_t));
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return bundle_match::features::allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t /*alignment*/) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*size*/, std::align_val_t /*alignment*/) noexcept {
  std::free(memory);
}
