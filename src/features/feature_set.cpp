// Writes features into a file, and maps such a file.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/features/feature_set.hpp"

#include "bundle_match/posix/memory_file.hpp"
#include "bundle_match/posix/scratch_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>
#include <sys/mman.h>
#include <sys/stat.h>
#include <system_error>
#include <tuple>
#include <unistd.h>
#include <utility>

namespace bundle_match::features {
namespace {

// A cache line: the alignment that the codec and the kernels are fastest with.
constexpr std::uint64_t kBlockAlignment = 64;

constexpr std::uint64_t padding_of(std::uint64_t size) { return (0 - size) % kBlockAlignment; }

[[noreturn]] void fail(int error, const std::string& what) {
  throw std::system_error(error, std::generic_category(), what);
}

[[noreturn]] void fail_as_damaged() {
  throw std::runtime_error("not a set of features, or a damaged one");
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

// The images' bytes, as the table at the end of the file has them. Nothing overflows: each number
// is bounded by what is left of the file before it is used.
std::vector<std::string_view> read_table(std::string_view file) {
  std::uint64_t images = 0;
  std::memcpy(&images, file.data() + file.size() - sizeof images, sizeof images);
  file.remove_suffix(sizeof images);
  if (images > file.size() / sizeof(FeatureSetEntry)) {
    fail_as_damaged();
  }
  const std::string_view table = file.substr(file.size() - images * sizeof(FeatureSetEntry));
  file.remove_suffix(table.size());

  std::vector<FeatureSetEntry> entries(images);
  table.copy(reinterpret_cast<char*>(entries.data()), table.size());  // there may be none
  std::vector<std::string_view> bytes;
  bytes.reserve(images);
  for (const FeatureSetEntry& entry : entries) {
    bytes.push_back(file.substr(std::min<std::uint64_t>(entry.offset, file.size()),
                                entry.size_bytes));  // if it lies in the file, as is checked now
  }
  check_that_they_fill(file.size(), std::move(entries));
  return bytes;
}

}  // namespace

void UnmapFile::operator()(const char* file) const {
  ::munmap(const_cast<char*>(file), size_bytes);
}

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
  constexpr std::array<char, kBlockAlignment> kZeros{};
  table_.at(image) =
      encoded.empty() ? FeatureSetEntry() : FeatureSetEntry{written_, encoded.size()};
  write(encoded);
  write({kZeros.data(), padding_of(encoded.size())});
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

FeatureSet::FeatureSet(int file) {
  struct stat status {};
  if (::fstat(file, &status) != 0) {
    fail(errno, "the set of features cannot be read");
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  if (!S_ISREG(status.st_mode) || size < sizeof(std::uint64_t)) {
    fail_as_damaged();
  }
  void* const mapped = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file, 0);
  if (mapped == MAP_FAILED) {
    fail(errno, "the set of features cannot be mapped");
  }
  file_ = {static_cast<const char*>(mapped), UnmapFile{size}};
  images_ = ById<ReferenceIndex, std::string_view>(read_table({file_.get(), size}));
  views_.resize(images_.size());
}

DescribedView FeatureSet::operator[](ReferenceIndex i) const {
  const std::string_view image = images_.at(i);
  std::optional<DescribedView>& view = views_[i];
  if (!view) {
    view = image.empty() ? DescribedView{} : view_features(image);
    if (!view) {
      throw std::runtime_error("the features of image " + std::to_string(i.value()) +
                               " are damaged");
    }
  }
  return *view;
}

}  // namespace bundle_match::features
