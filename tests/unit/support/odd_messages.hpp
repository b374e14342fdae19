// Messages of every kind, with values that are easily lost on the way.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/compute_messages.hpp"
#include "bundle_match/core/peer_messages.hpp"
#include "bundle_match/core/rank_messages.hpp"
#include "id_literals.hpp"
#include "support/odd_options.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bundle_match::test {

/// Bytes that C, text streams or JSON would change.
inline std::string odd_bytes() {
  using namespace std::string_view_literals;
  return std::string("line\nbreak, nul\0 and \xff\xfe\x80 no UTF-8"sv);
}

inline SharedFile odd_file() {
  return {"/proc/1/fd/\n", 0xfedcba9876543210, std::uint64_t{1} << 40};
}

inline std::vector<Work> odd_works() {
  return {DescribeWork{},
          MatchWork{{64_reference, 0xfedcba98}},
          MatchDescribedWork{65_reference, {0_reference, 64}},
          DrawWork{
              3_reference, odd_bytes(), 65_reference, PictureFormat::png, {{}, {0, 1, 2, 3, true}}},
          DrawWork{3_reference, "", std::nullopt, PictureFormat::jpeg, {}},
          ThumbnailWork{}};
}

inline OrderResult result_of(std::uint64_t order) {
  OrderResult result;
  result.order = OrderId(order);
  return result;
}

inline std::vector<OrderResult> odd_results() {
  OrderResult failed = result_of(0x0123456789abcdef);
  failed.status = ImageStatus::failed;
  failed.not_found = true;
  failed.reason = odd_bytes();
  failed.elapsed_ms = {1.5F, 1e-30F, 3e30F};
  failed.waited_ms = 2.5F;
  OrderResult described = result_of(1);
  described.answer = DescribeAnswer{odd_bytes()};
  OrderResult matched = result_of(2);
  matched.keypoints = 4000000000;
  matched.width = 1920;
  matched.height = 1080;
  matched.answer = MatchAnswer{
      {{},
       {4000000000, 16, {1, -0.5, 1e-300, 3, 4, 5, 6, 7, 1e300}, {{1, 2}, {4000000000, 0}}, {1}},
       {1, 0, {}, {{0, 0}}, {}}},
      odd_bytes(),
      odd_bytes() + "?",
      DrawablePair{3_reference, {{1.5F, -2, 1e30F, 0, true}, {}}}};
  OrderResult drawn = result_of(3);
  drawn.answer = PictureAnswer{odd_bytes()};
  return {{}, failed, described, matched, drawn};
}

inline FeatureHome odd_home() {
  return {Rank(2), {StoredFeatures::File::disk, ~std::uint64_t{0}, std::uint64_t{1} << 40}};
}

template <class Message>
std::vector<Message> odd_messages();

template <>
inline std::vector<CoordinatorMessage> odd_messages() {
  std::vector<CoordinatorMessage> messages = {
      Order{},
      ReferencesPiece{},
      ReferencesPiece{~std::uint64_t{0}, odd_bytes(), ~std::uint64_t{0} - 1},
      ReferencesElsewhere{odd_file()},
      StillAlive{},
      Stop{},
      Finalize{},
      Leave{},
      FilePiece{},
      FilePiece{OrderId(~std::uint64_t{0}), FilePiece::File::mask, odd_bytes()},
      LentCores{},
      LentCores{7, {0, 3, 0xffff}},
      FeatureKeepers{},
      FeatureKeepers{~std::uint32_t{0}, {Rank(-1), std::nullopt, Rank(7)}},
      Greet{Rank(3)}};
  for (const Work& work : odd_works()) {
    messages.emplace_back(
        Order{OrderId(~std::uint64_t{0}), std::string(5000, 'p'), 7, CarriedFiles{true}, work});
  }
  messages.emplace_back(Order{OrderId(7), odd_bytes(), 0, CarriedFiles{}, {}});
  messages.emplace_back(Order{OrderId(8), "", 0, {}, {}, {FeatureHome(), odd_home()}});
  return messages;
}

template <>
inline std::vector<WorkerMessage> odd_messages() {
  std::vector<WorkerMessage> messages = {
      Hello{"plain", "avx2", "cores 0-1 of a CPU", odd_bytes(), {0, 1}},
      ProcessDied{OrderId(5), odd_bytes()},
      StillAlive{},
      WantsReferences{~std::uint64_t{0} - 1},
      HasReferences{odd_file()},
      Goodbye{},
      Goodbye{odd_bytes(), 0.5F},
      WaitsForReferences{},
      WaitsForReferences{~std::uint32_t{0}},
      WantsGreeting{Rank(-1)},
      LacksFeatures{OrderId(1), {odd_home(), odd_home()}},
      CannotKeepFeatures{odd_bytes()},
      CannotShareFeatures{Rank(-1)}};
  for (const OrderResult& result : odd_results()) {
    messages.emplace_back(result);
  }
  return messages;
}

template <>
inline std::vector<PeerMessage> odd_messages() {
  return {Greeting{},
          Greeting{StoreFiles{odd_file(), {}}},
          Greeting{StoreFiles{odd_file(), odd_file()}},
          KeepFeatures{OrderId(3), odd_bytes()},
          FeaturesKept{OrderId(3), odd_home().stored},
          WantsFeatures{{odd_home(), {}}, true},
          FeaturesCopied{{{odd_home(), {}}}},
          FeatureBytes{odd_home(), odd_bytes()},
          FeaturesLacking{{odd_home()}}};
}

template <>
inline std::vector<ComputeOrder> odd_messages() {
  std::vector<ComputeOrder> messages(1);
  for (const Work& work : odd_works()) {
    messages.push_back({OrderId(9), odd_bytes(), ReceivedPaths{"/proc/self/fd/3", ""}, work, true});
  }
  messages.front().stored = {StoredFeatures(), odd_home().stored};
  return messages;
}

template <>
inline std::vector<ComputeMessage> odd_messages() {
  const std::string key = "0123456789abcdef0123456789abcdef";
  std::vector<ComputeMessage> messages = {ProcessReady{"plain", "opencv", odd_bytes()},
                                          StillComputing{}, ImagePrepared{OrderId(9)}};
  for (const OrderResult& result : odd_results()) {
    messages.emplace_back(ComputeResult{result, {}});
    messages.emplace_back(ComputeResult{result, CacheHit{key}});
    messages.emplace_back(ComputeResult{result, CacheEntry{key, odd_bytes()}});
  }
  return messages;
}

template <>
inline std::vector<Job> odd_messages() {
  return {{}, {77, Job::Stage::over, 9, 7.5, odd_options(), true}};
}

}  // namespace bundle_match::test
