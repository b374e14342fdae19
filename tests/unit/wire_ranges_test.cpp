// Bytes of messages in which one value is none that it can have.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/wire/encoding.hpp"
#include "support/id_literals.hpp"
#include "support/odd_messages.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace bundle_match {
namespace {

using namespace std::string_view_literals;

template <class Message>
bool is_message(const std::string& bytes) {
  try {
    (void)wire::decode<Message>(bytes);
    return true;
  } catch (const wire::DecodeError&) {
    return false;
  }
}

// Two messages of which one value of one byte differs: that byte may be 0 .. most and nothing else.
template <class Message>
void expect_range(const Message& one, const Message& other, int most) {
  const std::string bytes = wire::encode(one);
  const std::string others = wire::encode(other);
  ASSERT_EQ(bytes.size(), others.size());
  std::size_t place = 0;
  while (place < bytes.size() && bytes[place] == others[place]) {
    ++place;
  }
  ASSERT_LT(place, bytes.size());
  ASSERT_EQ(bytes.substr(place + 1), others.substr(place + 1)) << "more than one value differs";
  for (int value = 0; value < 256; ++value) {
    std::string changed = bytes;
    changed[place] = static_cast<char>(value);
    EXPECT_EQ(is_message<Message>(changed), value <= most) << value;
  }
}

WorkerMessage result_with(auto change) {
  OrderResult result;
  change(result);
  return result;
}

Job job_with(auto change) {
  Job job;
  change(job);
  return job;
}

template <class Field>
void expect_option_range(Field MatchOptions::*option, Field one, Field other, int most) {
  expect_range(job_with([&](Job& job) { job.options.*option = one; }),
               job_with([&](Job& job) { job.options.*option = other; }), most);
}

TEST(WireRanges, OfEnums) {
  expect_range(result_with([](OrderResult& it) { it.status = ImageStatus::ok; }),
               result_with([](OrderResult& it) { it.status = ImageStatus::crashed; }), 5);
  expect_range(job_with([](Job& job) { job.stage = Job::Stage::working; }),
               job_with([](Job& job) { job.stage = Job::Stage::over; }), 1);
  expect_option_range(&MatchOptions::sift, SiftImplementation::automatic,
                      SiftImplementation::opencv, 2);
  expect_option_range(&MatchOptions::cross_check, CrossCheck::mutual, CrossCheck::one_way, 1);
  expect_option_range(&MatchOptions::verification, Verification::none, Verification::fundamental,
                      2);
  ComputeOrder jpeg;
  jpeg.work = DrawWork{};
  ComputeOrder png;
  png.work = DrawWork{0_reference, "", {}, PictureFormat::png, {}};
  expect_range(jpeg, png, 1);
  expect_range<CoordinatorMessage>(FilePiece{OrderId(0), FilePiece::File::image, ""},
                                   FilePiece{OrderId(0), FilePiece::File::mask, ""}, 1);
}

TEST(WireRanges, OfFlags) {
  for (const auto option : {&MatchOptions::report_features, &MatchOptions::report_matches,
                            &MatchOptions::report_pictures, &MatchOptions::sandbox}) {
    expect_option_range(option, false, true, 1);
  }
  expect_range(result_with([](OrderResult& it) { it.not_found = false; }),
               result_with([](OrderResult& it) { it.not_found = true; }), 1);
  const auto carrying = [](bool mask) { return Order{OrderId(0), "", 0, CarriedFiles{mask}, {}}; };
  expect_range<CoordinatorMessage>(carrying(false), carrying(true), 1);
  const auto with_points = [](bool inlier) {
    return result_with([&](OrderResult& it) {
      it.answer = MatchAnswer{{}, "", "", DrawablePair{0_reference, {{0, 0, 0, 0, inlier}}}};
    });
  };
  expect_range(with_points(false), with_points(true), 1);
  const auto order_of = [](bool ahead) { return ComputeOrder{OrderId(0), "", {}, {}, ahead}; };
  expect_range(order_of(false), order_of(true), 1);
}

// What is there makes the message longer: the flag is found as the byte in which the shorter one
// differs first.
template <class Message>
void expect_presence_flag(const Message& without, const Message& with) {
  std::string bytes = wire::encode(without);
  const std::string longer = wire::encode(with);
  std::size_t place = 0;
  while (bytes.at(place) == longer.at(place)) {
    ++place;
  }
  EXPECT_EQ(bytes[place], 0);
  EXPECT_EQ(longer[place], 1);
  for (int value = 1; value < 256; ++value) {
    bytes[place] = static_cast<char>(value);
    EXPECT_FALSE(is_message<Message>(bytes + longer.substr(bytes.size())) && value > 1) << value;
    EXPECT_FALSE(is_message<Message>(bytes)) << value;
  }
}

TEST(WireRanges, OfWhetherThereIsAValue) {
  Order carrying;
  carrying.carried.emplace();
  expect_presence_flag<CoordinatorMessage>(Order{}, carrying);
  ComputeOrder received;
  received.received.emplace();
  expect_presence_flag(ComputeOrder{}, received);
  ComputeOrder drawing;
  drawing.work = DrawWork{};
  ComputeOrder of_described;
  of_described.work = DrawWork{0_reference, "", 0_reference, {}, {}};
  expect_presence_flag(drawing, of_described);
}

TEST(WireRanges, OfKindsOfMessages) {
  const auto expect_alternatives = [](auto message, int count) {
    using Message = decltype(message);
    for (int value = count; value < 256; ++value) {
      std::string bytes = wire::encode(message);
      bytes[0] = static_cast<char>(value);
      EXPECT_FALSE(is_message<Message>(bytes + std::string(100, '\0'))) << value;
      EXPECT_FALSE(is_message<Message>(bytes)) << value;
    }
  };
  expect_alternatives(CoordinatorMessage(Stop{}), 8);
  expect_alternatives(WorkerMessage(StillAlive{}), 7);
  expect_alternatives(ComputeMessage(StillComputing{}), 4);
  // The last byte of each: describe, match, ..., and no answer.
  ComputeOrder thumbnail;
  thumbnail.work = ThumbnailWork{};
  std::string bytes = wire::encode(thumbnail);
  bytes.back() = 5;
  EXPECT_FALSE(is_message<ComputeOrder>(bytes));
  bytes = wire::encode<WorkerMessage>(OrderResult{});
  bytes.back() = 4;
  EXPECT_FALSE(is_message<WorkerMessage>(bytes));
}

TEST(WireRanges, OfKeysOfTheCache) {
  const auto bytes_with = [](std::string_view key, auto entry) {
    entry.key = key;
    return wire::encode<ComputeMessage>(ComputeResult{{}, entry});
  };
  for (const auto key :
       {""sv, "0"sv, "0123456789abcdef0123456789abcde"sv, "0123456789abcdef0123456789abcdef0"sv,
        "0123456789ABCDEF0123456789ABCDEF"sv, "../../../../../../etc/passwd0123"sv,
        "0123456789abcdef\0000123456789abcde"sv, "0123456789abcdef0123456789abcdeg"sv}) {
    EXPECT_FALSE(is_message<ComputeMessage>(bytes_with(key, CacheHit{}))) << key;
    EXPECT_FALSE(is_message<ComputeMessage>(bytes_with(key, CacheEntry{}))) << key;
  }
  EXPECT_TRUE(
      is_message<ComputeMessage>(bytes_with("0123456789abcdef0123456789abcdef", CacheHit{})));
}

// A text of `longest` bytes is a message, one byte more is none; it is cut when it is encoded.
template <class Message>
void expect_longest(std::size_t longest, auto with_text) {
  const Message message = with_text(std::string(longest, 'x'));
  EXPECT_TRUE(wire::decode<Message>(wire::encode(message)) == message);
  const Message longer = with_text(std::string(longest + 1, 'x'));
  EXPECT_TRUE(wire::decode<Message>(wire::encode(longer)) == message);

  std::string bytes = wire::encode(message);
  const std::string length(reinterpret_cast<const char*>(&longest), sizeof longest);
  const std::size_t place = bytes.find(length + "xxxx");
  ASSERT_NE(place, std::string::npos);
  const std::size_t more = longest + 1;
  std::memcpy(bytes.data() + place, &more, sizeof more);
  bytes.insert(place + sizeof more, 1, 'x');
  EXPECT_FALSE(is_message<Message>(bytes));
}

TEST(WireRanges, OfLengthsOfPaths) {
  expect_longest<CoordinatorMessage>(wire::kLongestPath, [](std::string text) {
    return Order{OrderId(), std::move(text), 0, {}, {}};
  });
  expect_longest<CoordinatorMessage>(wire::kLongestPath, [](std::string text) {
    return Order{OrderId(), "", 0, {}, DrawWork{0_reference, std::move(text), {}, {}, {}}};
  });
  expect_longest<CoordinatorMessage>(wire::kLongestPath, [](std::string text) {
    return ReferencesElsewhere{{std::move(text), 0, 0}};
  });
  expect_longest<WorkerMessage>(wire::kLongestPath, [](std::string text) {
    return HasReferences{{std::move(text), 0, 0}};
  });
  expect_longest<ComputeOrder>(wire::kLongestPath, [](std::string text) {
    return ComputeOrder{OrderId(), std::move(text), {}, {}};
  });
  for (const auto received : {&ReceivedPaths::image, &ReceivedPaths::mask}) {
    expect_longest<ComputeOrder>(wire::kLongestPath, [&](std::string text) {
      ComputeOrder order;
      order.received.emplace().*received = std::move(text);
      return order;
    });
  }
  for (const auto folder : {&MatchOptions::mask_dir, &MatchOptions::cache_dir}) {
    expect_longest<Job>(wire::kLongestPath, [&](std::string text) {
      return job_with([&](Job& job) { job.options.*folder = std::move(text); });
    });
  }
}

TEST(WireRanges, OfLengthsOfReasons) {
  expect_longest<WorkerMessage>(wire::kLongestReason, [](std::string text) {
    return result_with([&](OrderResult& it) { it.reason = std::move(text); });
  });
  expect_longest<WorkerMessage>(wire::kLongestReason, [](std::string text) {
    return ProcessDied{OrderId(), std::move(text)};
  });
  expect_longest<WorkerMessage>(wire::kLongestReason, [](std::string text) {
    return Goodbye{std::move(text), 0};
  });
  expect_longest<WorkerMessage>(wire::kLongestReason, [](std::string text) {
    return Hello{"", "", "", std::move(text), {}};
  });
  expect_longest<ComputeMessage>(wire::kLongestReason, [](std::string text) {
    return ProcessReady{"", "", std::move(text)};
  });
}

TEST(WireRanges, OfLengthsOfNames) {
  for (const auto name : {&Hello::kernel, &Hello::sift, &Hello::place}) {
    expect_longest<WorkerMessage>(wire::kLongestName, [&](std::string text) {
      Hello hello;
      hello.*name = std::move(text);
      return hello;
    });
  }
  for (const auto name : {&ProcessReady::kernel, &ProcessReady::sift}) {
    expect_longest<ComputeMessage>(wire::kLongestName, [&](std::string text) {
      ProcessReady ready;
      ready.*name = std::move(text);
      return ready;
    });
  }
  expect_longest<Job>(wire::kLongestName, [](std::string text) {
    return job_with([&](Job& job) { job.options.kernel = std::move(text); });
  });
}

}  // namespace
}  // namespace bundle_match
