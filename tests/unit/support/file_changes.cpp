// Writing, cutting, punching holes and mapping.
// SPDX-License-Identifier: Apache-2.0
#include "file_changes.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace bundle_match::test {
namespace {

bool can_map_for_writing(int file) {
  constexpr std::size_t kPage = 4096;
  void* const mapped = ::mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (mapped == MAP_FAILED) {
    return false;
  }
  ::munmap(mapped, kPage);
  return true;
}

std::string way_through(int file) {
  struct stat status {};
  ::fstat(file, &status);
  if (::pwrite(file, "x", 1, 0) == 1) {
    return "pwrite";
  }
  if (::pwrite(file, "x", 1, status.st_size) == 1) {
    return "pwrite at the end";
  }
  if (::ftruncate(file, 0) == 0 || ::ftruncate(file, status.st_size + 1) == 0) {
    return "ftruncate";
  }
  if (::fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, status.st_size) == 0) {
    return "fallocate";
  }
  return can_map_for_writing(file) ? "mmap" : "";
}

}  // namespace

std::string why_changeable(int file) {
  if (std::string way = way_through(file); !way.empty()) {
    return way;
  }
  const int again = ::open(("/proc/self/fd/" + std::to_string(file)).c_str(), O_RDWR | O_CLOEXEC);
  if (again < 0) {
    return "";
  }
  const std::string way = way_through(again);
  ::close(again);
  return way.empty() ? "" : "opened anew: " + way;
}

}  // namespace bundle_match::test
