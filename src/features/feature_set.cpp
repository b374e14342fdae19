// Writes features into a file, and maps such a file.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/features/feature_set.hpp"

#include "bundle_match/posix/memory_file.hpp"
#include "bundle_match/posix/scratch_file.hpp"
#include "padding.hpp"

#include <algorithm>
#include <cerrno>
#include <span>
#include <stdexcept>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

namespace bundle_match::features {
namespace {

[[noreturn]] void fail(int error, const std::string& what) {
  throw std::system_error(error, std::generic_category(), what);
}

[[noreturn]] void fail_as_damaged() {
  throw std::runtime_error("not a set of features, or a damaged one");
}

void read_exactly(int file, std::span<char> bytes, std::uint64_t offset) {
  const std::int64_t size = read_at(file, bytes, offset);
  if (size < 0) {
    fail(errno, "the set of features cannot be read");
  }
  if (static_cast<std::uint64_t>(size) != bytes.size()) {
    fail_as_damaged();
  }
}

// Each byte of the file belongs to one image, or is padding behind it.
void check_that_they_fill(std::uint64_t size_bytes, std::vector<FeatureSetEntry> entries) {
  std::sort(entries.begin(), entries.end(), [](const FeatureSetEntry& a, const FeatureSetEntry& b) {
    return std::tie(a.offset, a.size_bytes) < std::tie(b.offset, b.size_bytes);
  });
  std::uint64_t end = 0;  // of the images so far; no more than the file's size
  for (const FeatureSetEntry& entry : entries) {
    if (entry.size_bytes == 0 && entry.offset == 0) {
      continue;
    }
    if (entry.offset != end || entry.size_bytes == 0 || entry.size_bytes > size_bytes - end ||
        padding_of(entry.size_bytes) > size_bytes - end - entry.size_bytes) {
      fail_as_damaged();
    }
    end += entry.size_bytes + padding_of(entry.size_bytes);
  }
  if (end != size_bytes) {
    fail_as_damaged();
  }
}

// What the file says of each image. Nothing overflows: each number is bounded by what is left of
// the file before it is used.
std::vector<FeatureSetEntry> read_table(int file, std::uint64_t size_bytes) {
  std::uint64_t images = 0;
  size_bytes -= sizeof images;
  read_exactly(file, {reinterpret_cast<char*>(&images), sizeof images}, size_bytes);
  if (images > size_bytes / sizeof(FeatureSetEntry)) {
    fail_as_damaged();
  }
  std::vector<FeatureSetEntry> entries(images);
  const std::span bytes(reinterpret_cast<char*>(entries.data()), images * sizeof(FeatureSetEntry));
  size_bytes -= bytes.size();
  read_exactly(file, bytes, size_bytes);
  check_that_they_fill(size_bytes, entries);
  return entries;
}

}  // namespace

UniqueFd make_set_file(const FeatureSetPlace& place, std::uint64_t size_bytes) {
  return size_bytes > place.most_memory_bytes ? make_scratch_file(place.scratch_folder)
                                              : make_memory_file("features");
}

UniqueFd share_set_file(UniqueFd file) {
  // A scratch file has no seals; nobody but who made it may open it for writing.
  if (is_memory_file(file.get())) {
    seal(file.get());
  }
  UniqueFd readable = reopen_for_reading(file.get());
  if (!readable.valid()) {
    fail(errno, "the file of features cannot be opened");
  }
  return readable;
}

FeatureSetBuilder::FeatureSetBuilder(std::size_t images, FeatureSetPlace place)
    : place_(std::move(place)), file_(make_set_file(place_, 0)), table_(images) {}

void FeatureSetBuilder::add(ReferenceIndex image, std::string_view encoded) {
  table_.at(image) =
      encoded.empty() ? FeatureSetEntry() : FeatureSetEntry{written_, encoded.size()};
  write(encoded);
  write(padding_behind(encoded));
}

UniqueFd FeatureSetBuilder::finish() {
  const std::uint64_t images = table_.size();
  std::string table(images * sizeof(FeatureSetEntry), '\0');
  std::copy(table_.begin(), table_.end(), reinterpret_cast<FeatureSetEntry*>(table.data()));
  write(table);
  write({reinterpret_cast<const char*>(&images), sizeof images});
  return share_set_file(std::move(file_));
}

void FeatureSetBuilder::write(std::string_view bytes) {
  if (!on_disk_ && written_ + bytes.size() > place_.most_memory_bytes) {
    move_to_disk();
  }
  if (const int error = write_all(file_.get(), bytes); error != 0) {
    fail(error,
         on_disk_ ? "no room for features in " + place_.scratch_folder : "no memory for features");
  }
  written_ += bytes.size();
}

void FeatureSetBuilder::move_to_disk() {
  UniqueFd on_disk = make_scratch_file(place_.scratch_folder);
  if (const int error = append_file(on_disk.get(), file_.get()); error != 0) {
    fail(error, "no room for features in " + place_.scratch_folder);
  }
  file_ = std::move(on_disk);
  on_disk_ = true;
}

FeatureSet::FeatureSet(UniqueFd file, std::uint64_t most_mapped_bytes) {
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) {
    fail(errno, "the set of features cannot be read");
  }
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (!S_ISREG(status.st_mode) || size < sizeof(std::uint64_t)) {
    fail_as_damaged();
  }
  for (const FeatureSetEntry& entry : read_table(file.get(), size)) {
    table_.push_back({StoredFeatures::File::memory, entry.offset, entry.size_bytes});
  }
  images_ = MappedFeatures(std::move(file), UniqueFd(), most_mapped_bytes);
}

}  // namespace bundle_match::features
