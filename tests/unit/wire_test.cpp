// Messages to bytes and back, and bytes that are no message.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/wire/encoding.hpp"
#include "support/odd_options.hpp"
#include "support/refused_allocations.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <iostream>
#include <random>

namespace bundle_match {
namespace {

using namespace std::string_view_literals;

const std::string kOddBytes("line\nbreak, nul\0 and \xff\xfe\x80 no UTF-8"sv);

Descriptors descriptors_of(std::uint32_t rows) {
  Descriptors descriptors;
  descriptors.rows = rows;
  for (std::uint32_t i = 0; i < rows * 128; ++i) {
    descriptors.values.push_back(static_cast<std::uint8_t>(i * 7));
  }
  return descriptors;
}

ImageReport odd_report() {
  ImageReport report;
  report.image = 0x0123456789abcdef;
  report.status = ImageStatus::failed;
  report.matches = 4000000000;
  report.keypoints = 3;
  report.width = 1920;
  report.height = 1080;
  report.elapsed_ms = {1.5F, 1e-30F, 3e30F};
  report.reason = kOddBytes;
  report.kernel = "plain";
  report.place = "cores 0-1 of a CPU";
  report.sift = "avx2";
  return report;
}

template <class Message>
std::vector<Message> examples();
template <>
std::vector<ImageOrder> examples() {
  return {{},
          {ImageOrder::Action::stop, kNoImage, ""},
          {ImageOrder::Action::match, 0, kOddBytes},
          {ImageOrder::Action::match, kNoImage - 1, std::string(5000, 'p')}};
}
template <>
std::vector<ImageReport> examples() {
  return {{}, odd_report()};
}
template <>
std::vector<ReferenceReport> examples() {
  return {{}, {odd_report(), descriptors_of(0)}, {odd_report(), descriptors_of(3)}};
}
template <>
std::vector<Job> examples() {
  Job job;
  job.protocol_version = 77;
  job.stage = Job::Stage::matching;
  job.rank_timeout_s = 7.5;
  job.options = test::odd_options();
  job.reference = descriptors_of(5);
  return {{}, job};
}

template <class Message>
class Wire : public testing::Test {};
using Messages = testing::Types<ImageOrder, ImageReport, ReferenceReport, Job>;
TYPED_TEST_SUITE(Wire, Messages);

TYPED_TEST(Wire, GivesBackWhatWasEncoded) {
  for (const TypeParam& message : examples<TypeParam>()) {
    EXPECT_TRUE(wire::decode<TypeParam>(wire::encode(message)) == message);
  }
}

// Each prefix in memory of exactly its size, so that a sanitizer sees a read beyond it.
TYPED_TEST(Wire, ThrowsForEveryProperPrefix) {
  for (const TypeParam& message : examples<TypeParam>()) {
    const std::string bytes = wire::encode(message);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      const std::vector<char> prefix(bytes.begin(),
                                     bytes.begin() + static_cast<std::ptrdiff_t>(size));
      EXPECT_THROW((void)wire::decode<TypeParam>({prefix.data(), prefix.size()}), wire::DecodeError)
          << size << " of " << bytes.size() << " bytes";
    }
  }
}

// Decodes bytes that may be anything: a message or DecodeError. Returns whether it was a message.
template <class Message>
bool survives(const std::string& bytes) {
  const std::vector<char> exact(bytes.begin(), bytes.end());
  try {
    (void)wire::decode<Message>({exact.data(), exact.size()});
    return true;
  } catch (const wire::DecodeError&) {
    return false;
  }
}

TYPED_TEST(Wire, SurvivesFlippedBytes) {
  constexpr std::uint64_t kSeed = 42;
  constexpr int kRounds = 3000;
  std::cout << "seed " << kSeed << "\n";
  std::mt19937_64 random(kSeed);
  int messages = 0;
  int errors = 0;
  for (const TypeParam& message : examples<TypeParam>()) {
    const std::string bytes = wire::encode(message);
    for (int round = 0; round < kRounds; ++round) {
      std::string damaged = bytes;
      for (std::uint64_t flips = 1 + random() % 3; flips > 0; --flips) {
        damaged[random() % damaged.size()] ^= static_cast<char>(1 + random() % 255);
      }
      ++(survives<TypeParam>(damaged) ? messages : errors);
    }
  }
  EXPECT_GT(messages, 0);
  EXPECT_GT(errors, 0);
}

TYPED_TEST(Wire, SurvivesNoise) {
  constexpr std::uint64_t kSeed = 43;
  std::cout << "seed " << kSeed << "\n";
  std::mt19937_64 random(kSeed);
  int errors = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string bytes(random() % 200, '\0');
    for (char& byte : bytes) {
      byte = static_cast<char>(random());
    }
    errors += survives<TypeParam>(bytes) ? 0 : 1;
  }
  EXPECT_GT(errors, 1000);
}

// Puts `length` in place of the length of the `size` bytes that the message ends with.
std::string with_last_length(std::string bytes, std::uint64_t size, std::uint64_t length) {
  const std::string_view old(reinterpret_cast<const char*>(&size), sizeof size);
  const auto place = bytes.rfind(old);
  EXPECT_NE(place, std::string::npos);
  std::memcpy(bytes.data() + place, &length, sizeof length);
  return bytes;
}

TEST(WireLengths, BeyondTheBytesAreRefusedWithoutSuchAnAllocation) {
  constexpr std::size_t kPathSize = 0x1234;
  const std::string order =
      wire::encode(ImageOrder{ImageOrder::Action::match, 0, std::string(kPathSize, 'p')});
  Job large_job;
  large_job.reference = descriptors_of(11);
  const std::string job = wire::encode(large_job);
  for (const std::uint64_t length :
       {std::uint64_t{1} << 24, std::uint64_t{1} << 33, ~std::uint64_t{0}}) {
    SCOPED_TRACE(testing::Message() << "length " << length);
    const std::string bad_order = with_last_length(order, kPathSize, length);
    const std::string bad_job = with_last_length(job, std::size_t{11} * 128, length);
    (void)test::take_largest_request();
    EXPECT_FALSE(survives<ImageOrder>(bad_order));
    EXPECT_LE(test::take_largest_request(), std::size_t{1} << 20) << "bytes asked for, of an order";
    EXPECT_FALSE(survives<Job>(bad_job));
    EXPECT_LE(test::take_largest_request(), std::size_t{1} << 20) << "bytes asked for, of a job";
  }
}

// Whatever else changes, ranks of different versions must be able to tell.
TEST(WireJob, BeginsWithItsVersion) {
  Job job;
  job.protocol_version = 0xdecade;
  const std::string bytes = wire::encode(job);
  std::uint32_t version = 0;
  ASSERT_GE(bytes.size(), sizeof version);
  std::memcpy(&version, bytes.data(), sizeof version);
  EXPECT_EQ(version, 0xdecadeU);
}

// Only bytes that say something travel: a million orders are not a million class descriptions.
TEST(WireOrder, IsLittleMoreThanItsPath) {
  const std::string path(200, 'p');
  EXPECT_LE(wire::encode(ImageOrder{ImageOrder::Action::match, 1, path}).size(), path.size() + 32);
}

}  // namespace
}  // namespace bundle_match
