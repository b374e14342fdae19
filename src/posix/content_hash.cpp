// Chunks of a file through xxHash.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/posix/content_hash.hpp"

#include "bundle_match/posix/file_descriptor.hpp"

#include <array>
#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <fcntl.h>
#include <memory>
#include <new>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <xxhash.h>

namespace bundle_match {
namespace {

std::string in_digits(const XXH128_hash_t& hash) {
  std::array<char, 33> digits{};
  std::snprintf(digits.data(), digits.size(), "%016" PRIx64 "%016" PRIx64, hash.high64, hash.low64);
  return digits.data();
}

[[noreturn]] void fail(int error, const std::string& path) {
  throw std::system_error(error, std::generic_category(), path);
}

}  // namespace

std::string content_hash(std::string_view bytes) {
  return in_digits(XXH3_128bits(bytes.data(), bytes.size()));
}

std::string content_hash_of_file(const std::string& path) {
  // Without waiting for a FIFO's writer.
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat status {};
  if (!file.valid() || ::fstat(file.get(), &status) != 0) {
    fail(errno, path);
  }
  if (!S_ISREG(status.st_mode)) {
    fail(S_ISDIR(status.st_mode) ? EISDIR : EINVAL, path);
  }
  const std::unique_ptr<XXH3_state_t, XXH_errorcode (*)(XXH3_state_t*)> state(XXH3_createState(),
                                                                              XXH3_freeState);
  if (!state) {
    throw std::bad_alloc();
  }
  XXH3_128bits_reset(state.get());
  std::array<char, 1 << 16> chunk;
  ssize_t size = 0;
  while ((size = ::read(file.get(), chunk.data(), chunk.size())) != 0) {
    if (size > 0) {
      XXH3_128bits_update(state.get(), chunk.data(), static_cast<std::size_t>(size));
    } else if (errno != EINTR) {
      fail(errno, path);
    }
  }
  return in_digits(XXH3_128bits_digest(state.get()));
}

}  // namespace bundle_match
