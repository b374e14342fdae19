// The arena's blocks: from the operating system, with huge pages where it allows them.
// SPDX-License-Identifier: Apache-2.0
#include "arena.hpp"

#include <algorithm>
#include <new>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace bundle_match::features::sift {
namespace {

constexpr std::size_t kAlignment = 64;
constexpr std::size_t kHugePage = std::size_t{2} << 20;

std::size_t round_up(std::size_t value, std::size_t to) { return (value + to - 1) / to * to; }

}  // namespace

Arena::~Arena() { free_blocks(); }

void Arena::free_blocks() {
  for (const Block& block : blocks_) {
    ::operator delete (block.bytes, std::align_val_t{kHugePage});
  }
  blocks_.clear();
}

float* Arena::floats(std::size_t count) { return static_cast<float*>(take(count * sizeof(float))); }

const float** Arena::pointers(std::size_t count) {
  return static_cast<const float**>(take(count * sizeof(const float*)));
}

void* Arena::take(std::size_t bytes) {
  bytes = round_up(bytes, kAlignment);
  if (blocks_.empty() || blocks_.back().size - used_ < bytes) {
    add_block(bytes);
  }
  void* piece = blocks_.back().bytes + used_;
  used_ += bytes;
  return piece;
}

void Arena::add_block(std::size_t bytes) {
  const std::size_t size = round_up(bytes, kHugePage);
  blocks_.reserve(blocks_.size() + 1);
  auto* block = static_cast<std::byte*>(::operator new (size, std::align_val_t{kHugePage}));
#ifdef MADV_HUGEPAGE
  // Advice only: without it the memory is as good, with more page faults.
  static_cast<void>(madvise(block, size, MADV_HUGEPAGE));
#endif
  blocks_.push_back({block, size});
  used_ = 0;
}

void Arena::reset(std::size_t bytes) {
  const std::size_t total = std::max(size_bytes(), bytes);
  if (blocks_.size() > 1 || size_bytes() < bytes) {
    free_blocks();  // first: old and new together would be the peak of a process
    add_block(total);
  }
  used_ = 0;
}

std::size_t Arena::size_bytes() const {
  std::size_t total = 0;
  for (const Block& block : blocks_) {
    total += block.size;
  }
  return total;
}

}  // namespace bundle_match::features::sift
