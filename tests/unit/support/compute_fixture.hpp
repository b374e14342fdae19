// A reference, images, a trap for decoders, and calls on a compute client that never hang a test.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/compute/compute_client.hpp"
#include "bundle_match/compute/fork_server.hpp"
#include "bundle_match/features/feature_set.hpp"
#include "bundle_match/features/image_reader.hpp"
#include "bundle_match/features/sift_extractor.hpp"
#include "id_literals.hpp"
#include "support/decoder_trap.hpp"
#include "support/processes.hpp"
#include "support/synthetic_images.hpp"
#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <unistd.h>
#include <utility>
#include <variant>
#include <vector>

namespace bundle_match::test {

class ComputeFixture : public testing::Test {
 protected:
  ComputeFixture() { keep_opencv_single_threaded(); }

  /// The path of an image that computes as any other.
  [[nodiscard]] std::string image(int number) const {
    std::string path = dir_ / (std::to_string(number) + ".png");
    return std::filesystem::exists(path) ? path : write_image(path, scene_view(number));
  }
  /// The path of an image that the trap catches.
  [[nodiscard]] std::string trapped_image() const {
    return write_image(dir_ / "trapped.png", scene_view(2, DecoderTrap::kWidth, 120));
  }

  [[nodiscard]] static Job job() {
    Job job;
    job.options.timeout_s = 0;
    return job;
  }

  /// The set of references with nothing but reference_.
  [[nodiscard]] int references() const {
    if (!references_.valid()) {
      features::FeatureSetBuilder set(1);
      set.add(ReferenceIndex(), described(reference_));
      references_ = set.finish();
    }
    return references_.get();
  }

  /// The encoded features of an image.
  [[nodiscard]] static std::string described(const std::string& path) {
    const cv::Mat pixels = features::read_grey_image(path).pixels;
    features::DescribedImage image;
    image.features = features::SiftExtractor(MatchOptions{}).extract(pixels);
    image.width = static_cast<std::uint32_t>(pixels.cols);
    image.height = static_cast<std::uint32_t>(pixels.rows);
    return features::encode_features(image);
  }

  /// To match the image with the only reference.
  static Order order(std::uint64_t number, std::string path,
                     Work work = MatchWork{{0_reference, 1}}) {
    Order order;
    order.id = OrderId(number);
    order.path = std::move(path);
    order.work = std::move(work);
    return order;
  }

  /// The next result; a default one, and a failed test, if none comes. What comes before it is kept
  /// below.
  OrderResult next_result(compute::ComputeClient& client) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (std::chrono::steady_clock::now() < deadline) {
      auto event = client.try_event();
      if (!event) {
        client.wait(std::chrono::milliseconds(100));
      } else if (auto* const result = std::get_if<OrderResult>(&*event)) {
        return std::move(*result);
      } else {
        keep(std::move(*event));
      }
    }
    ADD_FAILURE() << "no result";
    return {};
  }

  /// A time limit, in seconds, that the image does not reach in another process: many times what it
  /// takes here and now, as nobody knows how busy the machine is.
  double ample_timeout_s(const std::string& path) {
    constexpr double kMargin = 20, kLeast_s = 0.5;
    compute::ForkServer fork_server;
    compute::ComputeClient client(fork_server, job());
    client.use_references(references());
    (void)ready(client);
    ready_.reset();
    const auto begin = std::chrono::steady_clock::now();
    client.submit(order(0, path));
    const OrderResult result = next_result(client);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    expect_matched(result, 0, path);
    return std::max(kLeast_s, kMargin * took.count());
  }

  /// What the first process said when it was ready. No result may come before; none is taken after.
  ProcessReady ready(compute::ComputeClient& client) {
    EXPECT_TRUE(take_events_until(client, [this] { return ready_.has_value(); }));
    return ready_.value_or(ProcessReady{});
  }

  /// Calls the client until the trap has caught a process, and returns its pid. A client restarts
  /// its process only while it is being called. No result may come before; none is taken after.
  [[nodiscard]] pid_t catch_one(compute::ComputeClient& client) {
    const bool any = take_events_until(client, [this] { return trap_.has_caught(); });
    return any && trap_.has_caught() ? trap_.caught() : -1;
  }

  /// The outcomes of an order that was matched; empty, and a failed test, if it was not.
  static std::vector<PairOutcome> outcomes_of(const OrderResult& result) {
    EXPECT_EQ(result.status, ImageStatus::ok) << result.reason;
    const auto* const answer = std::get_if<MatchAnswer>(&result.answer);
    EXPECT_NE(answer, nullptr);
    return answer != nullptr ? answer->outcomes : std::vector<PairOutcome>();
  }

  /// The features of an order that was described; likewise.
  static std::string features_of(const OrderResult& result) {
    EXPECT_EQ(result.status, ImageStatus::ok) << result.reason;
    const auto* const answer = std::get_if<DescribeAnswer>(&result.answer);
    EXPECT_NE(answer, nullptr);
    return answer != nullptr ? answer->features : "";
  }

  /// Checks that the result is `ok` and has what OpenCV alone gives for the image.
  void expect_matched(const OrderResult& result, std::uint64_t number,
                      const std::string& path) const {
    EXPECT_EQ(result.order, OrderId(number));
    const std::vector<PairOutcome> outcomes = outcomes_of(result);
    ASSERT_EQ(outcomes.size(), 1U);
    EXPECT_EQ(outcomes[0].matches, opencv_matches(reference_, path));
    EXPECT_GT(outcomes[0].matches, 0U) << "the image is worth nothing for this test";
  }

  TempDir dir_;
  DecoderTrap trap_;
  const std::string reference_ = image(0);
  std::optional<ProcessReady> ready_;  ///< of the first process of the last client
  std::vector<ProcessDied> deaths_;    ///< as clients told them

 private:
  mutable UniqueFd references_;

  // Looks before it takes: the event behind the one that was waited for is the test's.
  template <class Holds>
  bool take_events_until(compute::ComputeClient& client, const Holds& holds) {
    return eventually([&] {
      if (holds() || HasFailure()) {
        return true;
      }
      if (auto event = client.try_event()) {
        keep(std::move(*event));
      }
      return false;
    });
  }

  void keep(compute::ProcessorEvent event) {
    if (auto* const ready = std::get_if<ProcessReady>(&event)) {
      ready_ = std::move(*ready);
    } else if (auto* const death = std::get_if<ProcessDied>(&event)) {
      deaths_.push_back(std::move(*death));
    } else {
      ADD_FAILURE() << "a result of order " << std::get<OrderResult>(event).order.value();
    }
  }
};

}  // namespace bundle_match::test
