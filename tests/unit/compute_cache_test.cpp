// The cache while files change: an entry is of the bytes that its name was computed from.
// SPDX-License-Identifier: Apache-2.0
#include "support/compute_fixture.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace bundle_match::compute {
namespace {

using test::DecoderTrap;
using test::scene_view;
using test::write_image;

const cv::Size kSize(DecoderTrap::kWidth, 240);  // more than the decoder reads ahead

class ComputeCacheTest : public test::ComputeFixture {
 protected:
  ComputeCacheTest() {
    std::filesystem::create_directory(masks_);
    write_mask(mask_, 0.5);
  }

  // White is this part of it, from the left.
  static std::string write_mask(const std::string& path, double white) {
    cv::Mat mask(kSize, CV_8UC1, cv::Scalar(0));
    mask.colRange(0, static_cast<int>(white * mask.cols)).setTo(255);
    return write_image(path, mask);
  }

  // Whoever has the file open reads what is written now.
  static void change_in_place(const std::string& path, const std::string& other) {
    std::filesystem::copy_file(other, path, std::filesystem::copy_options::overwrite_existing);
  }

  // Between the moments in which the file's header and its pixels are read, and before the mask is
  // read, `meanwhile` happens.
  [[nodiscard]] OrderResult result(bool cached, bool masked,
                                   const std::function<void()>& meanwhile) {
    Job with = job();
    with.options.cache_dir = cached ? cache_ : "";
    with.options.mask_dir = masked ? masks_ : "";
    ForkServer fork_server;
    ComputeClient client(fork_server, with);
    client.submit(order(1, image_, DescribeWork{}));
    EXPECT_NE(catch_one(client), -1);
    meanwhile();
    for (int image = 0; image < (masked ? 2 : 1); ++image) {
      trap_.release(DecoderTrap::Fate::go_on);
    }
    OrderResult result = next_result(client);
    EXPECT_TRUE(test::eventually([&] { return !client.busy_behind(); }))
        << "the cache is not written";
    EXPECT_EQ(result.status, ImageStatus::ok) << result.reason;
    if (masked) {
      EXPECT_NE(trap_.caught(), -1) << "the mask was not read";
    }
    return result;
  }

  [[nodiscard]] std::size_t entries() const {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(cache_)) {
      count += entry.path().extension() == ".features" ? 1 : 0;
    }
    return count;
  }

  const std::string cache_ = dir_ / "cache";
  const std::string masks_ = dir_ / "masks";
  const std::string mask_ = dir_ / "masks/image.pgm.png";
  const std::string image_ =
      write_image(dir_ / "image.pgm", scene_view(1, kSize.width, kSize.height));
};

void nothing() {}

TEST_F(ComputeCacheTest, StoresWhatDoesNotChange) {
  const OrderResult fresh = result(true, true, nothing);
  EXPECT_GT(fresh.keypoints, 0U);
  EXPECT_EQ(entries(), 1U);
}

TEST_F(ComputeCacheTest, StoresNothingOfAnImageThatIsWrittenTo) {
  const std::string other =
      write_image(dir_ / "other.pgm", scene_view(2, kSize.width, kSize.height));
  (void)result(true, false, [&] { change_in_place(image_, other); });
  EXPECT_EQ(entries(), 0U);
}

TEST_F(ComputeCacheTest, StoresNothingOfAMaskThatIsWrittenTo) {
  const std::string other = write_mask(dir_ / "other.png", 0.25);
  (void)result(true, true, [&] { change_in_place(mask_, other); });
  EXPECT_EQ(entries(), 0U);
}

TEST_F(ComputeCacheTest, UsesTheMaskThatItBeganWithIfItIsReplaced) {
  const OrderResult expected = result(false, true, nothing);
  const OrderResult replaced = result(true, true, [&] { write_mask(mask_, 0.25); });
  EXPECT_EQ(replaced.keypoints, expected.keypoints);
  EXPECT_EQ(entries(), 1U);
}

TEST_F(ComputeCacheTest, StoresAnImageThatIsReplaced) {
  const OrderResult expected = result(false, false, nothing);
  const OrderResult replaced =
      result(true, false, [&] { write_image(image_, scene_view(2, kSize.width, kSize.height)); });
  EXPECT_EQ(replaced.keypoints, expected.keypoints);
  EXPECT_EQ(entries(), 1U);
}

}  // namespace
}  // namespace bundle_match::compute
