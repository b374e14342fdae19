// Features of images on disk, by the content of the image's file and all that changes them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

namespace bundle_match {
struct MatchOptions;
}

namespace bundle_match::cache {

/// The entry's name: 32 hexadecimal digits, the XXH3-128 of the content of the image's file (and of
/// its mask's, if `mask` is not empty) and of every option that changes features (nfeatures, sift,
/// first octave, max size, the version of the features). `libraries` is what else they depend on:
/// the versions of what decodes, and of what extracts if that is not ours. Nothing if a file cannot
/// be read, or is not a regular one. Only reads: a confined process may do it.
[[nodiscard]] std::optional<std::string> entry_key(const std::string& image,
                                                   const std::string& mask,
                                                   const MatchOptions& options,
                                                   std::string_view libraries);

/// The encoded features (features/feature_codec.hpp) of that name; nothing if there are none, or
/// if they are damaged or of another key. Only reads: a confined process may do it.
[[nodiscard]] std::optional<std::string> find(const std::string& folder, const std::string& key);

/// Writes entries, and keeps the folder below its limit. Many processes, ranks and runs may share a
/// folder. What goes wrong (a full disk) costs the entry, not the run. Not to be used by two
/// threads at once.
class FeatureCache {
 public:
  /// Makes the folder. Throws std::system_error that names it if it cannot be made or written.
  /// `limit_bytes` counts the sizes of entries; 0: no limit. `processes` is how many of them store
  /// in this folder at the same time, the ranks of the run: they share the work of pruning.
  FeatureCache(std::string folder, std::uint64_t limit_bytes, std::uint32_t processes = 1);

  /// Writes the entry under a temporary name and renames it. Returns what went wrong; empty if all
  /// is well. Now and then it also prunes: when the processes have stored about a sixteenth of the
  /// limit since one of them did, by the count of this one. As what short runs store adds up, one
  /// process of a run prunes when it starts.
  [[nodiscard]] std::string store(const std::string& key, std::string_view encoded);

  /// Marks the entry as used now.
  void touch(const std::string& key) const;

  /// If entries take more than 90 % of the limit, removes those used longest ago until the rest
  /// does not. Removes temporary files that were left behind by processes that died, and nothing
  /// that is not the cache's own.
  void prune();

 private:
  [[nodiscard]] std::string write_entry(const std::string& key, std::string_view encoded) const;
  [[nodiscard]] bool another_has_pruned();

  std::string folder_;
  std::uint64_t limit_bytes_;
  std::uint64_t prune_every_bytes_;  // that this process stores
  std::uint64_t stored_bytes_ = 0;   // since the last time that somebody pruned
  timespec last_prune_{};
};

}  // namespace bundle_match::cache
