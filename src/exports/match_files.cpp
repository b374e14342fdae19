// The arrays of each file, and how the files are written.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/exports/match_files.hpp"

#include "arguments.hpp"
#include "bundle_match/exports/file_name.hpp"
#include "bundle_match/posix/atomic_file.hpp"
#include "bundle_match/posix/disk.hpp"
#include "npz.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <fcntl.h>
#include <filesystem>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace bundle_match::exports {
namespace {

namespace fs = std::filesystem;
using features::SiftKeypoint;

std::string image_file(std::string_view path, const features::DescribedView& image) {
  const std::size_t n = image.keypoints.size();
  std::vector<float> keypoints;
  std::vector<float> responses;
  std::vector<std::int32_t> octaves;
  keypoints.reserve(4 * n);
  for (const SiftKeypoint& k : image.keypoints) {
    keypoints.insert(keypoints.end(), {k.x, k.y, k.size, k.angle});
    responses.push_back(k.response);
    octaves.push_back(k.octave);
  }
  const std::span descriptors(image.descriptors, n * features::kSiftDescriptorBytes);
  const std::array<std::uint32_t, 2> size{image.width, image.height};
  const NpyArray arrays[] = {
      npy_bytes("path", path),
      {"image_size", "u4", {2}, bytes_of(size)},
      {"keypoints", "f4", {n, 4}, bytes_of(keypoints)},
      {"responses", "f4", {n}, bytes_of(responses)},
      {"octaves", "i4", {n}, bytes_of(octaves)},
      {"descriptors", "u1", {n, features::kSiftDescriptorBytes}, bytes_of(descriptors)},
  };
  return npz_file(arrays);
}

std::string pair_file(const PairMatches& pair) {
  check_pair(pair);
  std::array<double, 9> model{};
  std::copy(pair.model.begin(), pair.model.end(), model.begin());
  std::vector<std::uint8_t> inliers(pair.matches.size());
  for (const std::uint32_t position : pair.inliers) {
    inliers[position] = 1;
  }
  std::vector<NpyArray> arrays = {
      npy_bytes("reference", pair.reference),
      npy_bytes("image", pair.image),
      {"matches", "u4", {pair.matches.size(), 2}, bytes_of(pair.matches)},
  };
  if (pair.verification != Verification::none) {
    arrays.push_back(npy_bytes("geometry", to_string(pair.verification)));
    arrays.push_back({"inliers", "b1", {inliers.size()}, bytes_of(inliers)});
    arrays.push_back({"model", "f8", {3, 3}, bytes_of(model)});
  }
  return npz_file(arrays);
}

class MatchFiles final : public Exporter {
 public:
  explicit MatchFiles(std::string folder);

  void set_order(std::span<const std::string_view>) override {}
  [[nodiscard]] bool has_image(std::string_view path) const override;
  [[nodiscard]] bool has_pair(std::string_view reference, std::string_view image) const override;
  void add_image(std::string_view path, const features::DescribedView& image) override;
  void add_pair(const PairMatches& pair) override;
  void flush() override { pending_.commit(); }
  void finish() override { flush(); }

 private:
  [[nodiscard]] std::string image_path(std::string_view path) const;
  [[nodiscard]] std::string pair_path(std::string_view reference, std::string_view image) const;
  [[nodiscard]] bool is_there(const std::string& path) const;
  void add(const std::string& path, const std::string& content);

  const std::string folder_;
  FileBatch pending_;  // until the next flush()
};

MatchFiles::MatchFiles(std::string folder) : folder_(std::move(folder)), pending_(folder_) {
  for (const char* name : {"/features", "/matches"}) {
    const std::string path = folder_ + name;
    fs::create_directories(path);
    if (::access(path.c_str(), W_OK | X_OK) != 0) {
      throw std::system_error(errno, std::generic_category(), path + " cannot be written");
    }
  }
}

std::string MatchFiles::image_path(std::string_view path) const {
  return folder_ + "/features/" + file_name_of(path) + ".npz";
}

std::string MatchFiles::pair_path(std::string_view reference, std::string_view image) const {
  return folder_ + "/matches/" + file_name_of(reference) + '/' + file_name_of(image) + ".npz";
}

bool MatchFiles::is_there(const std::string& path) const {
  return pending_.contains(path) || fs::exists(path);
}

bool MatchFiles::has_image(std::string_view path) const { return is_there(image_path(path)); }

bool MatchFiles::has_pair(std::string_view reference, std::string_view image) const {
  return is_there(pair_path(reference, image));
}

void MatchFiles::add_image(std::string_view path, const features::DescribedView& image) {
  add(image_path(path), image_file(path, image));
}

void MatchFiles::add_pair(const PairMatches& pair) {
  const std::string path = pair_path(pair.reference, pair.image);
  const std::string content = pair_file(pair);
  fs::create_directory(folder_of(path));
  add(path, content);
}

void MatchFiles::add(const std::string& path, const std::string& content) {
  if (pending_.contains(path) || !holds(path, content)) {
    pending_.add(path, content);
  }
}

}  // namespace

std::unique_ptr<Exporter> open_match_files(const std::string& folder) {
  return std::make_unique<MatchFiles>(folder);
}

}  // namespace bundle_match::exports
