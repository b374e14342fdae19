// Messages to bytes and back, and bytes that are no message.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/wire/encoding.hpp"
#include "support/id_literals.hpp"
#include "support/odd_messages.hpp"
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

template <class Message>
class Wire : public testing::Test {
 protected:
  static std::vector<Message> examples() { return test::odd_messages<Message>(); }
};
using Messages = testing::Types<CoordinatorMessage, WorkerMessage, PeerMessage, Job, ComputeOrder,
                                ComputeMessage>;
TYPED_TEST_SUITE(Wire, Messages);

TYPED_TEST(Wire, GivesBackWhatWasEncoded) {
  for (const TypeParam& message : this->examples()) {
    EXPECT_TRUE(wire::decode<TypeParam>(wire::encode(message)) == message);
  }
}

TYPED_TEST(Wire, GivesBackOneAfterAnother) {
  std::string bytes;
  for (const TypeParam& message : this->examples()) {
    wire::append(bytes, message);
  }
  std::string_view left = bytes;
  for (const TypeParam& message : this->examples()) {
    EXPECT_TRUE(wire::take_first<TypeParam>(left) == message);
  }
  EXPECT_TRUE(left.empty());
  EXPECT_THROW((void)wire::take_first<TypeParam>(left), wire::DecodeError);
}

// Each prefix in memory of exactly its size, so that a sanitizer sees a read beyond it.
TYPED_TEST(Wire, ThrowsForEveryProperPrefix) {
  for (const TypeParam& message : this->examples()) {
    const std::string bytes = wire::encode(message);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      const std::vector<char> prefix(bytes.begin(),
                                     bytes.begin() + static_cast<std::ptrdiff_t>(size));
      EXPECT_THROW((void)wire::decode<TypeParam>({prefix.data(), prefix.size()}), wire::DecodeError)
          << size << " of " << bytes.size() << " bytes";
    }
  }
}

TYPED_TEST(Wire, ThrowsForBytesBehindTheMessage) {
  for (const TypeParam& message : this->examples()) {
    EXPECT_THROW((void)wire::decode<TypeParam>(wire::encode(message) + '\0'), wire::DecodeError);
  }
}

// Decodes bytes that may be anything: a message or DecodeError. Returns whether it was a message;
// there is only one way to encode it, then, so that no byte was ignored.
template <class Message>
bool survives(const std::string& bytes) {
  const std::vector<char> exact(bytes.begin(), bytes.end());
  try {
    const auto message = wire::decode<Message>({exact.data(), exact.size()});
    EXPECT_TRUE(wire::encode(message) == bytes);
    return true;
  } catch (const wire::DecodeError&) {
    return false;
  }
}

TYPED_TEST(Wire, SurvivesFlippedBytes) {
  constexpr std::uint64_t kSeed = 42;
  constexpr int kRounds = 1000;
  std::cout << "seed " << kSeed << "\n";
  std::mt19937_64 random(kSeed);
  int messages = 0;
  int errors = 0;
  for (const TypeParam& message : this->examples()) {
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
WorkerMessage matched(std::vector<PairOutcome> outcomes) {
  OrderResult result;
  result.answer = MatchAnswer{std::move(outcomes), "", "", {}};
  return result;
}

template <class Message>
void expect_no_large_request(const Message& message) {
  const std::string bytes = wire::encode(message);
  for (const std::uint64_t length :
       {std::uint64_t{1} << 21, std::uint64_t{1} << 33, ~std::uint64_t{0}}) {
    const std::string bad = with_last_length(bytes, kSize, length);
    (void)test::take_largest_request();
    EXPECT_FALSE(survives<Message>(bad)) << "length " << length;
    EXPECT_LE(test::take_largest_request(), std::size_t{1} << 20) << "length " << length;
  }
}

TEST(WireLengths, BeyondTheBytesAreRefusedWithoutSuchAnAllocation) {
  expect_no_large_request<CoordinatorMessage>(
      Order{OrderId(0), std::string(kSize, 'p'), 0, {}, {}});
  expect_no_large_request<CoordinatorMessage>(ReferencesPiece{0, std::string(kSize, 'f'), 7});
  expect_no_large_request<CoordinatorMessage>(
      FilePiece{OrderId(0), FilePiece::File::image, std::string(kSize, 'f')});
  Job job;
  job.options.cache_dir = std::string(kSize, 'c');
  expect_no_large_request(job);
  OrderResult described;
  described.answer = DescribeAnswer{std::string(kSize, 'f')};
  expect_no_large_request<WorkerMessage>(described);
}

TEST(WireLengths, OfArraysBeyondTheBytesAreRefusedWithoutSuchAnAllocation) {
  expect_no_large_request(matched(std::vector<PairOutcome>(kSize)));
  expect_no_large_request(matched({{0, 0, std::vector<double>(kSize), {}, {}}}));
  expect_no_large_request(matched({{0, 0, {}, std::vector<MatchedRows>(kSize), {}}}));
  expect_no_large_request(matched({{0, 0, {}, {}, std::vector<std::uint32_t>(kSize)}}));
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
  const Order order{OrderId(1), path, 0, {}, MatchWork{{0_reference, 1}}};
  EXPECT_LE(wire::encode<CoordinatorMessage>(order).size(), path.size() + 48);
}

}  // namespace
}  // namespace bundle_match
