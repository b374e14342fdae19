// Options, and what is taken for them.
// SPDX-License-Identifier: Apache-2.0
#include "process/feature_place.hpp"

#include "bundle_match/posix/scratch_file.hpp"
#include "process/launch.hpp"

namespace bundle_match::app {

features::FeatureSetPlace feature_place(const MatchOptions& options) {
  features::FeatureSetPlace place;
  place.scratch_folder =
      options.scratch_dir.empty() ? default_scratch_folder() : options.scratch_dir;
  if (options.feature_memory_bytes > 0) {
    place.most_memory_bytes = options.feature_memory_bytes;
  } else if (const std::uint64_t memory = memory_bytes(); memory > 0) {
    place.most_memory_bytes = memory / 4;
  }
  return place;
}

}  // namespace bundle_match::app
