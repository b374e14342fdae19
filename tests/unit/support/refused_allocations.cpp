// The replaced operators new and delete. In a file of their own: inlined, GCC takes them for
// mismatched ones.
// SPDX-License-Identifier: Apache-2.0
#include "refused_allocations.hpp"

#include <algorithm>
#include <cstdlib>
#include <new>
#include <utility>

namespace bundle_match::test {
namespace {

std::size_t largest_request = 0;

void* allocate(std::size_t size) {
  largest_request = std::max(largest_request, size);
  return size <= kLargestAllocation ? std::malloc(std::max<std::size_t>(size, 1)) : nullptr;
}

}  // namespace

std::size_t take_largest_request() { return std::exchange(largest_request, 0); }

}  // namespace bundle_match::test

void* operator new(std::size_t size) {
  void* memory = bundle_match::test::allocate(size);
  if (memory == nullptr) {
    throw std::bad_alloc();
  }
  return memory;
}
void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  return bundle_match::test::allocate(size);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); }
