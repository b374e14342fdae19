// Large pages by madvise(2).
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/core/large_pages.hpp"

#include <cstdint>
#include <sys/mman.h>
#include <unistd.h>

namespace bundle_match {

void advise_large_pages(void* block, std::size_t bytes) {
  constexpr std::size_t kWorthIt = std::size_t{8} << 20;
  if (bytes < kWorthIt) {
    return;
  }
  // Every page that holds a part of the block: a mapping of which only a part is so advised is two,
  // which realloc(3) can't move.
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t before = reinterpret_cast<std::uintptr_t>(block) % page;
  const std::size_t pages = (before + bytes + page - 1) / page;
  (void)::madvise(static_cast<char*>(block) - before, pages * page, MADV_HUGEPAGE);
}

}  // namespace bundle_match
