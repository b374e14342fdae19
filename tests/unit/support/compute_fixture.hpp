// A reference, images, a trap for decoders, and calls on a compute client that never hang a test.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/compute/compute_client.hpp"
#include "bundle_match/compute/fork_server.hpp"
#include "bundle_match/features/feature_set.hpp"
#include "bundle_match/features/image_reader.hpp"
#include "bundle_match/features/sift_extractor.hpp"
#include "support/decoder_trap.hpp"
#include "support/processes.hpp"
#include "support/synthetic_images.hpp"
#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <unistd.h>
#include <vector>

// A sanitizer catches SIGSEGV and exits with a status of its own.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

namespace bundle_match::test {

class ComputeFixture : public testing::Test {
 protected:
  ComputeFixture() { keep_opencv_single_threaded(); }

  /// The path of an image that computes as any other. Written once: it may be being read.
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
      features::FeatureSetBuilder set;
      set.append(described(reference_));
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
  static ImageOrder order(ImageIndex index, std::string path) {
    ImageOrder order{ImageOrder::Action::match, index, std::move(path)};
    order.references = {0, 1};
    return order;
  }
  static ImageOrder order_to_describe(std::string path) {
    return {ImageOrder::Action::describe, 0, std::move(path)};
  }

  /// The next report with a result; a default one, and a failed test, if none comes. What comes
  /// before it goes to deaths_.
  ImageReport next_report(compute::ComputeClient& client) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (std::chrono::steady_clock::now() < deadline) {
      const auto report = client.try_report();
      if (report && report->has_result()) {
        return *report;
      }
      if (report) {
        note_death(*report);
      } else {
        client.wait(std::chrono::milliseconds(100));
      }
    }
    ADD_FAILURE() << "no report";
    return {};
  }

  /// Calls the client until the trap has caught a process, and returns its pid. A client restarts
  /// its process only while it is being called. Reports of deaths go to deaths_.
  [[nodiscard]] pid_t catch_one(compute::ComputeClient& client) {
    const bool any = eventually([&] {
      if (const auto report = client.try_report()) {
        note_death(*report);
      }
      return trap_.has_caught() || HasFailure();
    });
    return any && trap_.has_caught() ? trap_.caught() : -1;
  }

  /// Checks that the report is `ok` and has what OpenCV alone gives for the image.
  void expect_matched(const ImageReport& report, ImageIndex index, const std::string& path) const {
    EXPECT_EQ(report.image, index);
    EXPECT_EQ(report.status, ImageStatus::ok) << report.reason;
    ASSERT_EQ(report.outcomes.size(), 1U);
    EXPECT_EQ(report.outcomes[0].matches, opencv_matches(reference_, path));
    EXPECT_GT(report.outcomes[0].matches, 0U) << "the image is worth nothing for this test";
  }

  TempDir dir_;
  DecoderTrap trap_;
  const std::string reference_ = image(0);
  std::vector<ImageReport> deaths_;  ///< of compute processes, as the client told them

 private:
  mutable UniqueFd references_;

  void note_death(const ImageReport& report) {
    EXPECT_EQ(report.kind, ImageReport::Kind::process_died) << "image " << report.image;
    deaths_.push_back(report);
  }
};

}  // namespace bundle_match::test
