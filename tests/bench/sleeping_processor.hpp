// An ImageProcessor that sleeps for each image instead of computing it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/compute/image_processor.hpp"
#include "bundle_match/features/feature_codec.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

namespace bundle_match::bench {

class SleepingProcessor final : public compute::ImageProcessor {
 public:
  explicit SleepingProcessor(std::chrono::duration<double> task)
      : task_(std::chrono::duration_cast<Clock::duration>(task)) {}

  void use_references(int /*file*/) override {}
  void use_store(int /*memory*/, int /*disk*/) override {}
  void use_cores(const LentCores& /*lent*/) override {}
  void receive(const FilePiece& /*piece*/) override {}

  using ImageProcessor::submit;
  void submit(Order order, std::vector<StoredFeatures> /*stored*/) override {
    if (pairs_of(order.work) > 0 && !first_order_at_) {
      first_order_at_ = Clock::now();
    }
    if (orders_.empty()) {
      done_at_ = Clock::now() + task_;
    }
    orders_.push_back(std::move(order));
  }

  [[nodiscard]] std::size_t outstanding() const override { return orders_.size(); }
  [[nodiscard]] std::size_t waiting() const override { return 0; }

  [[nodiscard]] std::optional<compute::ProcessorEvent> try_event() override {
    if (!std::exchange(ready_, true)) {
      return ProcessReady{"none", "none", ""};
    }
    if (orders_.empty() || (task_.count() > 0 && Clock::now() < done_at_)) {
      return std::nullopt;
    }
    OrderResult result;
    result.order = orders_.front().id;
    // A microsecond at least: a result without a time is that of an image that was given up.
    result.elapsed_ms.match =
        std::max(0.001F, std::chrono::duration<float, std::milli>(task_).count());
    if (const std::size_t pairs = pairs_of(orders_.front().work); pairs > 0) {
      PairOutcome outcome;
      outcome.matches = kMatches;
      result.keypoints = kMatches;
      result.answer = MatchAnswer{std::vector<PairOutcome>(pairs, outcome), "", "", {}};
    } else {
      features::DescribedImage image;
      image.features.keypoints.resize(1);
      image.features.descriptors.resize(features::kSiftDescriptorBytes);
      result.keypoints = 1;
      result.answer = DescribeAnswer{features::encode_features(image)};
    }
    orders_.pop_front();
    done_at_ += task_;  // the next one began when this one ended, whoever was asleep then
    return result;
  }

  [[nodiscard]] bool busy_behind() const override { return false; }
  [[nodiscard]] std::string take_problem() override { return {}; }

  /// When the first image to match came; nothing before.
  [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> first_order_at() const {
    return first_order_at_;
  }

  void wait(std::chrono::microseconds at_most) const override {
    const auto until = Clock::now() + at_most;
    std::this_thread::sleep_until(orders_.empty() ? until : std::min(until, done_at_));
  }

 private:
  using Clock = std::chrono::steady_clock;

  static constexpr std::uint32_t kMatches = 1234;  // of a pair: as many digits as usual

  Clock::duration task_;
  Clock::time_point done_at_;
  std::optional<Clock::time_point> first_order_at_;
  std::deque<Order> orders_;
  bool ready_ = false;
};

}  // namespace bundle_match::bench
