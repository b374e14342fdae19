// From files and options to the name of an entry.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/cache/feature_cache.hpp"
#include "bundle_match/core/match_options.hpp"
#include "bundle_match/posix/file_descriptor.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <memory>
#include <new>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

namespace bundle_match::cache {
namespace {

// Raised whenever the same image and options would give other features than before.
constexpr int kFeaturesVersion = 1;

std::string in_digits(const XXH128_hash_t& hash) {
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

// Opens the file without waiting for a FIFO's writer; nothing if it is not a regular one.
std::optional<std::string> hash_of_file(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat status {};
  if (!file.valid() || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return std::nullopt;
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
      return std::nullopt;
    }
  }
  return in_digits(XXH3_128bits_digest(state.get()));
}

}  // namespace

std::optional<std::string> entry_key(const std::string& image, const std::string& mask,
                                     const MatchOptions& options, std::string_view libraries) {
  const auto image_hash = hash_of_file(image);
  const auto mask_hash = mask.empty() ? std::string("none") : hash_of_file(mask);
  if (!image_hash || !mask_hash) {
    return std::nullopt;
  }
  // `automatic` is ours.
  const char* const sift = options.sift == SiftImplementation::opencv ? "opencv" : "fast";
  const std::string text = fmt::format(
      "version {}, image {}, mask {}, nfeatures {}, sift {}, first octave {}, "
      "max size {}, libraries {}",
      kFeaturesVersion, *image_hash, *mask_hash, options.nfeatures, sift, options.first_octave,
      options.max_size, libraries);
  return in_digits(XXH3_128bits(text.data(), text.size()));
}

}  // namespace bundle_match::cache
