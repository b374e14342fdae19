// Appends to memory first, then to the disk.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/features/feature_store.hpp"

#include "bundle_match/posix/memory_file.hpp"
#include "bundle_match/posix/scratch_file.hpp"
#include "padding.hpp"

#include <sys/stat.h>
#include <system_error>
#include <utility>

namespace bundle_match::features {
FeatureStore::FeatureStore(FeatureSetPlace place) : place_(std::move(place)) {
  memory_.file = make_memory_file("features");
  ::fchmod(memory_.file.get(), S_IRUSR);  // nobody else writes to it
  try {
    disk_.file = make_scratch_file(place_.scratch_folder);
  } catch (const std::system_error& error) {
    why_no_disk_ = error;
  }
}

StoredFeatures FeatureStore::append(std::string_view encoded) {
  const bool on_disk = memory_.size_bytes + encoded.size() > place_.most_memory_bytes;
  if (on_disk && why_no_disk_) {
    throw std::system_error(*why_no_disk_);
  }
  Part& part = on_disk ? disk_ : memory_;
  const std::string_view padding = padding_behind(encoded);
  for (const std::string_view bytes : {encoded, padding}) {
    if (const int error = write_all(part.file.get(), bytes); error != 0) {
      throw std::system_error(
          error, std::generic_category(),
          on_disk ? "no room for features in " + place_.scratch_folder : "no memory for features");
    }
  }
  const StoredFeatures stored{on_disk ? StoredFeatures::File::disk : StoredFeatures::File::memory,
                              part.size_bytes, encoded.size()};
  part.size_bytes += encoded.size() + padding.size();
  return stored;
}

std::optional<std::string> FeatureStore::read(const StoredFeatures& stored) const {
  const Part& part = stored.file == StoredFeatures::File::disk ? disk_ : memory_;
  if (stored.offset > part.size_bytes || stored.size_bytes > part.size_bytes - stored.offset) {
    return std::nullopt;
  }
  std::string bytes(stored.size_bytes, '\0');
  const std::int64_t size = read_at(part.file.get(), bytes, stored.offset);
  return size >= 0 && static_cast<std::uint64_t>(size) == stored.size_bytes
             ? std::optional(std::move(bytes))
             : std::nullopt;
}

}  // namespace bundle_match::features
