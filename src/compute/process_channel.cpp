// Encoding orders, decoding and checking messages.
// SPDX-License-Identifier: Apache-2.0
#include "process_channel.hpp"

#include "bundle_match/features/feature_codec.hpp"
#include "bundle_match/wire/encoding.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace bundle_match::compute {
namespace {

// Whether the bytes are the features of that image.
bool are_features_of(const OrderResult& result, std::string_view encoded) {
  const auto view = features::view_features(encoded);
  return view && view->keypoints.size() == result.keypoints && view->width == result.width &&
         view->height == result.height;
}

// Empty ones are none; whether there should be some is the supervisor's to know.
bool has_good_features(const ComputeResult& result) {
  std::string_view of_answer;
  if (const auto* const described = std::get_if<DescribeAnswer>(&result.result.answer)) {
    of_answer = described->features;
  } else if (const auto* const matched = std::get_if<MatchAnswer>(&result.result.answer)) {
    of_answer = matched->features;
  }
  std::string_view for_cache;
  if (const auto* const entry = std::get_if<CacheEntry>(&result.cache)) {
    for_cache = entry->features;
  }
  return (of_answer.empty() || are_features_of(result.result, of_answer)) &&
         (for_cache.empty() || are_features_of(result.result, for_cache));
}

machine::ProcessEvent event_of(const Frame& frame) {
  if (frame.kind != FrameKind::message) {
    return machine::ProcessSaidNonsense{"a frame of another kind"};
  }
  try {
    auto message = wire::decode<ComputeMessage>(frame.payload);
    const auto* const result = std::get_if<ComputeResult>(&message);
    if (result != nullptr && !has_good_features(*result)) {
      return machine::ProcessSaidNonsense{"features that are none, or another image's"};
    }
    return machine::ProcessSaid{std::move(message)};
  } catch (const wire::DecodeError& error) {
    return machine::ProcessSaidNonsense{error.what()};
  }
}

}  // namespace

void ProcessChannel::send(const ComputeOrder& order, std::span<const int> files) {
  writer_.write(FrameKind::order, wire::encode(order), files);
}

void ProcessChannel::send_references(int file) {
  writer_.write(FrameKind::references, "", std::span(&file, 1));
}

void ProcessChannel::send_store(std::span<const int> files) {
  writer_.write(FrameKind::store, "", files);
}

void ProcessChannel::send_cores(const LentCores& lent) {
  writer_.write(FrameKind::cores, wire::encode(lent));
}

void ProcessChannel::work() {
  writer_.flush();
  reader_.fill();
}

std::optional<machine::ProcessEvent> ProcessChannel::next() {
  if (const auto frame = reader_.next()) {
    return event_of(*frame);
  }
  if (reader_.nonsense()) {
    return machine::ProcessSaidNonsense{"no frame"};
  }
  return reader_.closed() ? std::optional<machine::ProcessEvent>(machine::ProcessClosed{})
                          : std::nullopt;
}

}  // namespace bundle_match::compute
