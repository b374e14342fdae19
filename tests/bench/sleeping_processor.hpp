// An ImageProcessor that sleeps for each image instead of computing it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/compute/image_processor.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <thread>
#include <utility>

namespace bundle_match::bench {

class SleepingProcessor final : public compute::ImageProcessor {
 public:
  explicit SleepingProcessor(std::chrono::duration<double> task)
      : task_(std::chrono::duration_cast<Clock::duration>(task)) {}

  [[nodiscard]] const std::string& kernel() override { return kernel_; }
  [[nodiscard]] const std::string& sift() override { return kernel_; }
  [[nodiscard]] std::string sandbox_warning() override { return {}; }
  [[nodiscard]] std::string take_problem() override { return {}; }
  [[nodiscard]] std::size_t outstanding() const override { return orders_.size(); }

  void use_references(int /*file*/) override {}

  void submit(ImageOrder order) override {
    if (!first_order_at_) {
      first_order_at_ = Clock::now();
    }
    if (orders_.empty()) {
      done_at_ = Clock::now() + task_;
    }
    orders_.push_back(std::move(order));
  }

  [[nodiscard]] std::optional<ImageReport> try_report() override {
    if (orders_.empty() || (task_.count() > 0 && Clock::now() < done_at_)) {
      return std::nullopt;
    }
    ImageReport report;
    report.image = orders_.front().image;
    report.outcomes.resize(orders_.front().references.count);
    report.elapsed_ms.match = std::chrono::duration<float, std::milli>(task_).count();
    orders_.pop_front();
    done_at_ += task_;  // the next one began when this one ended, whoever was asleep then
    return report;
  }

  /// When the first order came; nothing before.
  [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> first_order_at() const {
    return first_order_at_;
  }

  void wait(std::chrono::microseconds at_most) const override {
    const auto until = Clock::now() + at_most;
    std::this_thread::sleep_until(orders_.empty() ? until : std::min(until, done_at_));
  }

 private:
  using Clock = std::chrono::steady_clock;

  Clock::duration task_;
  Clock::time_point done_at_;
  std::optional<Clock::time_point> first_order_at_;
  std::deque<ImageOrder> orders_;
  std::string kernel_ = "none";
};

}  // namespace bundle_match::bench
