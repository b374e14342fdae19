// A host's store: what is appended is read and mapped, from memory and from disk, while it grows.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/features/feature_store.hpp"

#include "bundle_match/features/mapped_features.hpp"
#include "bundle_match/posix/file_descriptor.hpp"
#include "support/described_images.hpp"
#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <stdexcept>
#include <string>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace bundle_match::features {
namespace {

using File = StoredFeatures::File;
using test::described_image;
using test::expect_equal;

class FeatureStoreTest : public testing::Test {
 protected:
  FeatureSetPlace place(std::uint64_t most_memory_bytes) const {
    return {most_memory_bytes, dir_.path()};
  }
  static MappedFeatures map(const FeatureStore& store) {
    return MappedFeatures(reopen_for_reading(store.memory_file()),
                          reopen_for_reading(store.disk_file()));
  }

  test::TempDir dir_;
};

TEST_F(FeatureStoreTest, GivesBackWhatWasAppendedAlsoToWhoMappedItBefore) {
  FeatureStore store(place(1 << 20));
  const MappedFeatures mapped = map(store);
  std::vector<DescribedImage> images;
  std::vector<StoredFeatures> stored;
  for (const std::size_t keypoints : {3U, 0U, 1U, 100U}) {
    images.push_back(described_image(keypoints, "", 1));
    stored.push_back(store.append(encode_features(images.back())));
    expect_equal(mapped[stored.back()].view, images.back());
  }
  for (std::size_t i = 0; i < images.size(); ++i) {
    EXPECT_EQ(stored[i].file, File::memory);
    EXPECT_EQ(stored[i].offset % 64, 0U);
    EXPECT_EQ(store.read(stored[i]), encode_features(images[i]));
    expect_equal(mapped[stored[i]].view, images[i]);
  }
}

TEST_F(FeatureStoreTest, WhatIsMoreThanMemoryMayHoldGoesOnDisk) {
  const std::string image = encode_features(described_image(10, "", 1));
  FeatureStore store(place(2 * image.size() + 64));
  const MappedFeatures mapped = map(store);
  EXPECT_EQ(store.append(image).file, File::memory);
  EXPECT_EQ(store.append(image).file, File::memory);
  const StoredFeatures on_disk = store.append(image);
  EXPECT_EQ(on_disk.file, File::disk);
  EXPECT_EQ(mapped[on_disk].encoded, image);
  EXPECT_EQ(store.read(on_disk), image);
}

TEST_F(FeatureStoreTest, WithoutAFolderItHoldsWhatFitsIntoMemory) {
  const std::string image = encode_features(described_image(10, "", 1));
  FeatureStore store({image.size(), dir_ / "there is no such folder"});
  EXPECT_EQ(store.disk_file(), -1);
  EXPECT_EQ(store.read(store.append(image)), image);
  EXPECT_THROW((void)store.append(image), std::system_error);
}

TEST_F(FeatureStoreTest, ReadsNothingThatWasNotAppended) {
  FeatureStore store(place(1 << 20));
  const StoredFeatures stored = store.append(encode_features(described_image(1, "", 1)));
  for (const StoredFeatures& wrong :
       {StoredFeatures{File::memory, stored.offset, stored.size_bytes + 64},
        StoredFeatures{File::memory, ~std::uint64_t{0}, 64},
        StoredFeatures{File::memory, 0, ~std::uint64_t{0}}, StoredFeatures{File::disk, 0, 64}}) {
    EXPECT_EQ(store.read(wrong), std::nullopt);
    EXPECT_THROW((void)map(store)[wrong], std::runtime_error);
  }
  EXPECT_THROW((void)map(store)[(StoredFeatures{File::memory, 8, 64})], std::exception)
      << "they are no features";
}

TEST_F(FeatureStoreTest, NothingIsAnImageWithoutFeatures) {
  const MappedFeatures none;
  EXPECT_FALSE(none.has_files());
  EXPECT_TRUE(none[StoredFeatures()].view.keypoints.empty());
}

TEST_F(FeatureStoreTest, NobodyElseWritesToIt) {
  if (::geteuid() == 0) {
    GTEST_SKIP() << "root may write to any file";
  }
  const FeatureStore store(place(1 << 20));
  EXPECT_LT(::open(path_of_descriptor(store.memory_file()).c_str(), O_RDWR | O_CLOEXEC), 0);
}

}  // namespace
}  // namespace bundle_match::features
