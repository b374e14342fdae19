// memfd_create(2) and its seals.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/posix/memory_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/mman.h>
#include <system_error>

namespace bundle_match {
namespace {

[[noreturn]] void fail(int error, const char* what) {
  throw std::system_error(error, std::generic_category(), what);
}

}  // namespace

UniqueFd make_memory_file(const char* name) {
  UniqueFd file(::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file.valid()) {
    fail(errno, "cannot make a file of memory");
  }
  return file;
}

void append_to_memory_file(int file, std::string_view bytes) {
  if (const int error = write_all(file, bytes); error != 0) {
    fail(error, "no memory for a file of memory");
  }
}

bool is_memory_file(int file) {
  // Files of tmpfs have that one seal from the start.
  const int seals = ::fcntl(file, F_GET_SEALS);
  return seals >= 0 && seals != F_SEAL_SEAL;
}

void seal(int file) {
  if (::fcntl(file, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0) {
    fail(errno, "cannot seal a file of memory");
  }
}

UniqueFd make_sealed_file(const char* name, std::string_view bytes) {
  UniqueFd file = make_memory_file(name);
  append_to_memory_file(file.get(), bytes);
  seal(file.get());
  return file;
}

}  // namespace bundle_match
