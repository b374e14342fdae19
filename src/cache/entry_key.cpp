// From files and options to the name of an entry.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/cache/feature_cache.hpp"
#include "bundle_match/core/match_options.hpp"
#include "bundle_match/posix/content_hash.hpp"

#include <fmt/format.h>

#include <system_error>

namespace bundle_match::cache {
namespace {

// Raised whenever the same image and options would give other features than before.
constexpr int kFeaturesVersion = 1;

// Nothing if the file cannot be read.
std::optional<std::string> hash_of_file(const std::string& path) {
  try {
    return content_hash_of_file(path);
  } catch (const std::system_error&) {
    return std::nullopt;
  }
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
  return content_hash(text);
}

}  // namespace bundle_match::cache
