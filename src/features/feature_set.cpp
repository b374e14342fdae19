// Writes features into a memory file, and maps such a file.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/features/feature_set.hpp"

#include "bundle_match/posix/memory_file.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <stdexcept>
#include <string>
#include <sys/mman.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace bundle_match::features {
namespace {

// A cache line: the alignment that the codec and the kernels are fastest with.
constexpr std::uint64_t kBlockAlignment = 64;

constexpr std::uint64_t padding_of(std::uint64_t size) { return (0 - size) % kBlockAlignment; }

[[noreturn]] void fail(int error, const char* what) {
  throw std::system_error(error, std::generic_category(), what);
}

[[noreturn]] void fail_as_damaged() {
  throw std::runtime_error("not a set of features, or a damaged one");
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

  std::vector<std::string_view> bytes(images);
  std::uint64_t end = 0;  // of the images so far; no more than the file's size
  for (std::size_t i = 0; i < images; ++i) {
    FeatureSetEntry entry;
    std::memcpy(&entry, table.data() + i * sizeof entry, sizeof entry);
    if (entry.offset != end || entry.size_bytes > file.size() - end ||
        padding_of(entry.size_bytes) > file.size() - end - entry.size_bytes) {
      fail_as_damaged();
    }
    bytes[i] = file.substr(entry.offset, entry.size_bytes);
    end += entry.size_bytes + padding_of(entry.size_bytes);
  }
  if (end != file.size()) {
    fail_as_damaged();
  }
  return bytes;
}

}  // namespace

void UnmapFile::operator()(const char* file) const {
  ::munmap(const_cast<char*>(file), size_bytes);
}

FeatureSetBuilder::FeatureSetBuilder() : file_(make_memory_file("features")) {}

void FeatureSetBuilder::append(std::string_view encoded) {
  constexpr std::array<char, kBlockAlignment> kZeros{};
  table_.push_back({written_, encoded.size()});
  write(encoded);
  write({kZeros.data(), padding_of(encoded.size())});
}

UniqueFd FeatureSetBuilder::finish() {
  const std::uint64_t images = table_.size();
  write({reinterpret_cast<const char*>(table_.data()), images * sizeof(FeatureSetEntry)});
  write({reinterpret_cast<const char*>(&images), sizeof images});
  seal(file_.get());
  UniqueFd readable = reopen_for_reading(file_.get());
  if (!readable.valid()) {
    fail(errno, "the memory file of features cannot be opened");
  }
  file_.reset();
  return readable;
}

void FeatureSetBuilder::write(std::string_view bytes) {
  if (const int error = write_all(file_.get(), bytes); error != 0) {
    fail(error, "no memory for features");
  }
  written_ += bytes.size();
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
