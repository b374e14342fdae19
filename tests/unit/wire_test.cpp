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
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bundle_match {
namespace {

using namespace std::string_view_literals;

const std::string kOddBytes("line\nbreak, nul\0 and \xff\xfe\x80 no UTF-8"sv);

const SharedFile kOddFile{"/proc/1/fd/\n", 0xfedcba9876543210, std::uint64_t{1} << 40};

std::vector<PairOutcome> odd_outcomes() {
  return {{},
          {4000000000, 16, {1, -0.5, 1e-300, 3, 4, 5, 6, 7, 1e300}, {{1, 2}, {4000000000, 0}}, {1}},
          {1, 0, {}, {{0, 0}}, {}}};
}

ImageReport odd_report() {
  ImageReport report;
  report.image = 0x0123456789abcdef;
  report.status = ImageStatus::failed;
  report.first_reference = 0xfedcba98;
  report.outcomes = odd_outcomes();
  report.keypoints = 3;
  report.width = 1920;
  report.height = 1080;
  report.elapsed_ms = {1.5F, 1e-30F, 3e30F};
  report.reason = kOddBytes;
  report.kernel = "plain";
  report.place = "cores 0-1 of a CPU";
  report.sift = "avx2";
  report.features = kOddBytes + kOddBytes;
  report.cache_key = "0123456789abcdef";
  report.cache_hit = true;
  report.shared = kOddFile;
  report.thumbnail = kOddBytes;
  report.picture = kOddBytes + "?";
  report.drawable = {3, {{1.5F, -2, 1e30F, 0, true}, {}}};
  return report;
}

ImageOrder odd_order() {
  ImageOrder order{ImageOrder::Action::draw, kNoImage - 1, std::string(5000, 'p'), 7};
  order.contents = kOddBytes;
  order.mask_contents = "";
  order.received = true;
  order.mask = kOddBytes;
  order.references = {64, 0xfedcba98};
  order.described = 65;
  order.reference_path = kOddBytes;
  order.picture_format = PictureFormat::png;
  order.points = {{}, {0, 1, 2, 3, true}};
  return order;
}

template <class Message>
std::vector<Message> examples();
template <>
std::vector<ImageOrder> examples() {
  return {{},
          {ImageOrder::Action::stop, kNoImage, ""},
          {ImageOrder::Action::match, 0, kOddBytes},
          odd_order()};
}
template <>
std::vector<ImageReport> examples() {
  return {{}, odd_report()};
}
template <>
std::vector<ReferencesMessage> examples() {
  return {{}, {kOddBytes, true, {}}, {"", false, kOddFile}};
}
template <>
std::vector<Job> examples() {
  Job job;
  job.protocol_version = 77;
  job.stage = Job::Stage::over;
  job.ranks = 9;
  job.rank_timeout_s = 7.5;
  job.options = test::odd_options();
  return {{}, job};
}

template <class Message>
class Wire : public testing::Test {};
using Messages = testing::Types<ImageOrder, ImageReport, ReferencesMessage, Job>;
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

// Puts `length` in place of the length of the last `size` bytes or values.
std::string with_last_length(std::string bytes, std::uint64_t size, std::uint64_t length) {
  const std::string_view old(reinterpret_cast<const char*>(&size), sizeof size);
  const auto place = bytes.rfind(old);
  EXPECT_NE(place, std::string::npos);
  std::memcpy(bytes.data() + place, &length, sizeof length);
  return bytes;
}

// Messages with something of kSize: bytes, or values.
constexpr std::size_t kSize = 0x1234;
ImageReport report_with(std::vector<PairOutcome> outcomes) {
  ImageReport report;
  report.outcomes = std::move(outcomes);
  return report;
}

template <class Message>
void expect_no_large_request(const Message& message) {
  const std::string bytes = wire::encode(message);
  for (const std::uint64_t length :
       {std::uint64_t{1} << 24, std::uint64_t{1} << 33, ~std::uint64_t{0}}) {
    const std::string bad = with_last_length(bytes, kSize, length);
    (void)test::take_largest_request();
    EXPECT_FALSE(survives<Message>(bad)) << "length " << length;
    EXPECT_LE(test::take_largest_request(), std::size_t{1} << 20) << "length " << length;
  }
}

TEST(WireLengths, BeyondTheBytesAreRefusedWithoutSuchAnAllocation) {
  expect_no_large_request(ImageOrder{ImageOrder::Action::match, 0, std::string(kSize, 'p')});
  expect_no_large_request(ReferencesMessage{std::string(kSize, 'f'), false, {}});
  Job job;
  job.options.cache_dir = std::string(kSize, 'c');
  expect_no_large_request(job);
  ImageReport described;
  described.features = std::string(kSize, 'f');
  expect_no_large_request(described);
}

TEST(WireLengths, OfArraysBeyondTheBytesAreRefusedWithoutSuchAnAllocation) {
  expect_no_large_request(report_with(std::vector<PairOutcome>(kSize)));
  expect_no_large_request(report_with({{0, 0, std::vector<double>(kSize), {}, {}}}));
  expect_no_large_request(report_with({{0, 0, {}, std::vector<MatchedRows>(kSize), {}}}));
  expect_no_large_request(report_with({{0, 0, {}, {}, std::vector<std::uint32_t>(kSize)}}));
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
  EXPECT_LE(wire::encode(ImageOrder{ImageOrder::Action::match, 1, path}).size(), path.size() + 40);
}

}  // namespace
}  // namespace bundle_match
