// Read, SIFT, match, with the time of each stage.
// SPDX-License-Identifier: Apache-2.0
#include "image_computation.hpp"

#include "bundle_match/features/image_reader.hpp"
#include "bundle_match/matching/descriptors.hpp"

#include <fmt/format.h>
#include <opencv2/core.hpp>

#include <chrono>
#include <cstdint>
#include <new>
#include <utility>

namespace bundle_match::compute {
namespace {

using Clock = std::chrono::steady_clock;

float milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<float, std::milli>(Clock::now() - start).count();
}

std::string as_mib(std::uint64_t bytes) {
  constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;
  return fmt::format("{} MiB", (bytes + kMiB - 1) / kMiB);
}

matching::DescriptorView view(const features::Features& features) {
  return {features.descriptors.data(), features.keypoints.size()};
}

// The first line of an exception's message that says something.
std::string first_line(const cv::Exception& error) {
  const std::string& words = error.err;
  return words.substr(0, words.find('\n'));
}

}  // namespace

void report_too_large(ImageReport& report, std::uint64_t needed_bytes, std::uint64_t limit_bytes) {
  report.status = ImageStatus::too_large;
  report.reason = needed_bytes > limit_bytes
                      ? fmt::format("{} x {} pixels need {} of memory; raise --memory-limit",
                                    report.width, report.height, as_mib(needed_bytes))
                      : "needs more memory than there is for one rank; raise --memory-limit";
}

ImageComputation::ImageComputation(const Job& job, const matching::Kernel& kernel)
    : options_(job.options),
      extractor_(job.options),
      matcher_(kernel.make_matcher({job.reference.values.data(), job.reference.rows})) {}

ImageReport ImageComputation::match(const ImageOrder& order) {
  ImageReport report;
  report.image = order.image;
  const features::Features features = extract(order.path, report);
  if (report.status != ImageStatus::ok) {
    return report;
  }
  const auto start = Clock::now();
  matcher_->match(view(features), nearest_);
  const auto matches = options_.cross_check == CrossCheck::mutual
                           ? matching::mutual_matches(nearest_)
                           : matching::one_way_matches(nearest_);
  report.matches = static_cast<std::uint32_t>(matches.size());
  report.elapsed_ms.match = milliseconds_since(start);
  return report;
}

ReferenceReport ImageComputation::describe(const ImageOrder& order) {
  ReferenceReport reference;
  reference.report.image = order.image;
  features::Features features = extract(order.path, reference.report);
  reference.descriptors.rows = static_cast<std::uint32_t>(features.keypoints.size());
  reference.descriptors.values = std::move(features.descriptors);
  return reference;
}

features::Features ImageComputation::extract(const std::string& path, ImageReport& report) {
  try {
    return extract_unguarded(path, report);
  } catch (const cv::Exception& error) {
    if (error.code == cv::Error::StsNoMem) {
      throw OutOfMemory();
    }
    report.status = ImageStatus::failed;
    report.reason = "OpenCV: " + first_line(error);
  } catch (const std::bad_alloc&) {
    throw OutOfMemory();
  } catch (const std::exception& error) {
    report.status = ImageStatus::failed;
    report.reason = error.what();
  }
  return {};
}

features::Features ImageComputation::extract_unguarded(const std::string& path,
                                                       ImageReport& report) {
  auto start = Clock::now();
  if (auto reason = features::why_not_a_file(path)) {
    report.status = ImageStatus::unreadable;
    report.reason = std::move(*reason);
    return {};
  }
  // From the header, so that a small file with billions of pixels is never decoded.
  const auto stated = features::size_from_header(path);
  if (stated && refuse_if_too_large(*stated, report)) {
    return {};
  }
  features::GreyImage image = features::read_grey_image(path);
  report.elapsed_ms.read = milliseconds_since(start);
  report.status = image.status;
  report.reason = std::move(image.reason);
  if (image.status != ImageStatus::ok) {
    return {};
  }
  const features::ImageSize size{static_cast<std::uint64_t>(image.pixels.cols),
                                 static_cast<std::uint64_t>(image.pixels.rows)};
  if (refuse_if_too_large(size, report)) {
    return {};
  }
  start = Clock::now();
  features::Features features = extractor_.extract(image.pixels);
  report.elapsed_ms.sift = milliseconds_since(start);
  report.keypoints = static_cast<std::uint32_t>(features.keypoints.size());
  return features;
}

bool ImageComputation::refuse_if_too_large(features::ImageSize size, ImageReport& report) const {
  report.width = static_cast<std::uint32_t>(size.width);
  report.height = static_cast<std::uint32_t>(size.height);
  const std::uint64_t needed = features::sift_memory_bytes(size, options_);
  if (options_.memory_limit_bytes == 0 || needed <= options_.memory_limit_bytes) {
    return false;
  }
  report_too_large(report, needed, options_.memory_limit_bytes);
  return true;
}

}  // namespace bundle_match::compute
