// Encoded features: what comes back, and that no other bytes are taken for them.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/features/feature_codec.hpp"

#include "support/described_images.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>
#include <xxhash.h>

namespace bundle_match::features {
namespace {

using test::described_image;
using test::expect_equal;

// Where the header holds them.
constexpr std::size_t kChecksumAt = 8;
constexpr std::size_t kKeypointsAt = 16;
constexpr std::size_t kReasonBytesAt = 24;
constexpr std::size_t kPositionAt = 40;
constexpr std::size_t kHasPositionAt = 56;
constexpr std::size_t kHeaderBytes = 64;

// Judges bytes in a block of exactly their size, so that a sanitizer sees every step beyond it.
bool is_accepted(const std::string& bytes) {
  const std::vector<char> block(bytes.begin(), bytes.end());
  return view_features({block.data(), block.size()}).has_value();
}

void put(std::string& bytes, std::size_t at, std::uint64_t value) {
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

// What one who knows the form can do: the checksum fits whatever the rest says.
void put_checksum(std::string& bytes) {
  constexpr std::size_t kFrom = kChecksumAt + sizeof(std::uint64_t);
  put(bytes, kChecksumAt, XXH3_64bits(bytes.data() + kFrom, bytes.size() - kFrom));
}

TEST(FeatureCodecTest, GivesBackWhatWasEncoded) {
  for (const std::size_t keypoints : {0U, 1U, 2U, 3U, 5000U}) {
    for (const char* const reason : {"", "x", "Corrupt JPEG data: premature end of data segment"}) {
      SCOPED_TRACE(testing::Message() << keypoints << " keypoints, reason: " << reason);
      const DescribedImage image = described_image(keypoints, reason, 1);
      const std::string bytes = encode_features(image);
      const auto view = view_features(bytes);
      ASSERT_TRUE(view);
      expect_equal(*view, image);
    }
  }
}

TEST(FeatureCodecTest, KeepsAnyBytesOfAReason) {
  const DescribedImage image = described_image(1, std::string("\0\xff\n", 3), 2);
  const std::string bytes = encode_features(image);
  const auto view = view_features(bytes);
  ASSERT_TRUE(view);
  expect_equal(*view, image);
}

TEST(FeatureCodecTest, EncodesAnEmptyImage) {
  const std::string bytes = encode_features(DescribedImage{});
  EXPECT_EQ(bytes.size(), kHeaderBytes);
  const auto view = view_features(bytes);
  ASSERT_TRUE(view);
  expect_equal(*view, {});
  EXPECT_EQ(encode_features(DescribedView{}), bytes);
}

TEST(FeatureCodecTest, EncodesAViewToTheSameBytes) {
  const std::string bytes = encode_features(described_image(7, "odd", 3));
  const auto view = view_features(bytes);
  ASSERT_TRUE(view);
  EXPECT_EQ(encode_features(*view), bytes);
}

TEST(FeatureCodecTest, BorrowsAndAligns) {
  const std::string bytes = encode_features(described_image(3, "reason", 4));
  const auto view = view_features(bytes);
  ASSERT_TRUE(view);
  EXPECT_EQ(reinterpret_cast<const char*>(view->descriptors), bytes.data() + kHeaderBytes);
  EXPECT_EQ(view->reason.data() + view->reason.size(), bytes.data() + bytes.size());
}

TEST(FeatureCodecTest, RefusesFeaturesThatAreNone) {
  DescribedImage image = described_image(2, "", 5);
  image.features.descriptors.pop_back();
  EXPECT_THROW((void)encode_features(image), std::invalid_argument);
}

TEST(FeatureCodecTest, RefusesEveryDamagedByte) {
  const std::string bytes = encode_features(described_image(2, "cut short", 6));
  ASSERT_TRUE(is_accepted(bytes));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (const int flipped : {0x01, 0x80, 0xff}) {
      std::string damaged = bytes;
      damaged[i] = static_cast<char>(damaged[i] ^ flipped);
      EXPECT_FALSE(is_accepted(damaged)) << "byte " << i << " ^ " << flipped;
    }
  }
}

TEST(FeatureCodecTest, RefusesEveryOtherLength) {
  const std::string bytes = encode_features(described_image(2, "cut short", 7));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(is_accepted(bytes.substr(0, size))) << size;
  }
  for (const std::size_t more : {1U, 8U, 152U}) {
    EXPECT_FALSE(is_accepted(bytes + std::string(more, '\0'))) << more;
  }
}

TEST(FeatureCodecTest, RefusesCutBytesWhoseChecksumFits) {
  const std::string bytes = encode_features(described_image(2, "cut short", 8));
  for (std::size_t size = kHeaderBytes; size < bytes.size(); ++size) {
    std::string cut = bytes.substr(0, size);
    put_checksum(cut);
    EXPECT_FALSE(is_accepted(cut)) << size;
  }
}

// Products and sums of these wrap around to the size there is.
TEST(FeatureCodecTest, RefusesHostileCountsWhoseChecksumFits) {
  constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
  const std::string bytes = encode_features(described_image(2, "12345678", 9));
  const std::uint64_t body = bytes.size() - kHeaderBytes;
  for (const std::uint64_t keypoints :
       {std::uint64_t{3}, kMost / 152, kMost / 152 + 1, kMost / 24 + 1, kMost / 128 + 1,
        std::uint64_t{1} << 61, std::uint64_t{1} << 63, kMost}) {
    for (const std::uint64_t reason_bytes :
         {std::uint64_t{0}, std::uint64_t{8}, body, body - keypoints * 152, kMost}) {
      std::string hostile = bytes;
      put(hostile, kKeypointsAt, keypoints);
      put(hostile, kReasonBytesAt, reason_bytes);
      put_checksum(hostile);
      EXPECT_FALSE(is_accepted(hostile))
          << keypoints << " keypoints, " << reason_bytes << " bytes of reason";
    }
  }
}

TEST(FeatureCodecTest, KeepsAPosition) {
  for (const GeoPosition position :
       {GeoPosition{}, {51.5007, -0.1246}, {-90, 180}, {90, -180}, {1e-9, -1e-300}}) {
    DescribedImage image = described_image(2, "x", 12);
    image.position = position;
    const std::string bytes = encode_features(image);
    const auto view = view_features(bytes);
    ASSERT_TRUE(view);
    EXPECT_EQ(view->position, position);
    expect_equal(*view, image);
  }
}

TEST(FeatureCodecTest, RefusesBytesOfAPositionThatIsNotThere) {
  for (std::size_t at = kPositionAt; at < kHasPositionAt; ++at) {
    for (const char byte : {'\x01', '\x80'}) {  // the last one makes a negative zero
      std::string bytes = encode_features(described_image(2, "x", 6));
      bytes[at] = byte;
      put_checksum(bytes);
      EXPECT_FALSE(is_accepted(bytes)) << "byte " << at;
    }
  }
}

TEST(FeatureCodecTest, RefusesPositionsThatAreNotOnEarth) {
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const GeoPosition position :
       {GeoPosition{90.001, 0}, {0, -180.001}, {kInfinite, 0}, {0, nan}}) {
    DescribedImage image = described_image(2, "x", 6);
    image.position = position;
    EXPECT_FALSE(is_accepted(encode_features(image)));
  }
  for (const std::uint64_t flag : {std::uint64_t{2}, std::uint64_t{1} << 63}) {
    std::string bytes = encode_features(described_image(2, "x", 6));
    put(bytes, kHasPositionAt, flag);
    put_checksum(bytes);
    EXPECT_FALSE(is_accepted(bytes)) << flag;
  }
}

TEST(FeatureCodecTest, RefusesAnotherVersion) {
  std::string bytes = encode_features(described_image(1, "", 10));
  ASSERT_EQ(bytes[7], '2');
  bytes[7] = '1';
  put_checksum(bytes);
  EXPECT_FALSE(is_accepted(bytes));
}

TEST(FeatureCodecTest, ThrowsForAnOddAddress) {
  const std::string bytes = " " + encode_features(described_image(1, "", 11));
  EXPECT_THROW((void)view_features(std::string_view(bytes).substr(1)), std::invalid_argument);
}

}  // namespace
}  // namespace bundle_match::features
