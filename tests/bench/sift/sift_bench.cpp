// Our SIFT beside cv::SIFT, taking turns in one run: sift_bench IMAGE [REPEATS [THREADS]]. The
// image is scaled to 0.3, 1.4, 6 and 23 megapixels. Prints medians, and the peak memory of a
// process for one image.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/features/sift.hpp"
#include "measure.hpp"

#include <opencv2/core.hpp>
#include <opencv2/features2d.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace bundle_match::bench {
namespace {

constexpr double kMegapixels[] = {0.3, 1.4, 6, 23};
constexpr int kFeatures = 5000;

cv::Mat load(const std::string& path, double megapixels) {
  const cv::Mat image = cv::imread(path, cv::IMREAD_GRAYSCALE);
  const double factor = std::sqrt(megapixels * 1e6 / static_cast<double>(image.total()));
  cv::Mat scaled;
  cv::resize(image, scaled, cv::Size(), factor, factor,
             factor < 1 ? cv::INTER_AREA : cv::INTER_CUBIC);
  return scaled;
}

features::GreyView view_of(const cv::Mat& image) {
  return {image.data, image.cols, image.rows, static_cast<std::ptrdiff_t>(image.step)};
}

/// Keypoints or descriptors that are not the same, counted with their place.
std::size_t differing(const std::vector<cv::KeyPoint>& expected, const cv::Mat& descriptors,
                      const features::Features& actual) {
  if (expected.size() != actual.keypoints.size()) {
    return std::max(expected.size(), actual.keypoints.size());
  }
  std::size_t count = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const cv::KeyPoint& a = expected[i];
    const features::SiftKeypoint b{a.pt.x, a.pt.y, a.size, a.angle, a.response, a.octave};
    const auto* row = descriptors.ptr<std::uint8_t>(static_cast<int>(i));
    const bool equal = b == actual.keypoints[i] &&
                       std::equal(row, row + features::kSiftDescriptorBytes,
                                  actual.descriptors.data() + i * features::kSiftDescriptorBytes);
    count += equal ? 0 : 1;
  }
  return count;
}

/// One implementation's turns.
struct Series {
  std::vector<double> wall, cpu, detect, select, describe;
  void add(const Elapsed& elapsed) {
    wall.push_back(elapsed.wall_ms);
    cpu.push_back(elapsed.cpu_ms);
  }
};

void print(const std::string& name, const Series& series, const Series& reference,
           double megabytes) {
  std::printf("  %-10s wall %8.1f ms  cpu %8.1f ms  x%4.2f wall x%4.2f cpu  peak %6.0f MB",
              name.c_str(), median(series.wall), median(series.cpu),
              median(reference.wall) / median(series.wall),
              median(reference.cpu) / median(series.cpu), megabytes);
  if (!series.detect.empty()) {
    std::printf("  detect %.1f select %.1f describe %.1f ms (wall)", median(series.detect),
                median(series.select), median(series.describe));
  }
  std::printf("\n");
}

features::SiftOptions options_of(std::string_view kernels, int threads) {
  features::SiftOptions options;
  options.nfeatures = kFeatures;
  options.kernels = kernels;
  options.threads = threads;
  return options;
}

/// Peak memory of a process that only reads the image, of cv::SIFT, and of each of our kernels.
std::vector<double> peaks(const std::string& path, double megapixels, int threads) {
  std::vector<double> all;
  all.push_back(peak_megabytes([&] { static_cast<void>(load(path, megapixels)); }));
  all.push_back(peak_megabytes([&] {
    std::vector<cv::KeyPoint> keypoints;
    cv::Mat descriptors;
    cv::SIFT::create(kFeatures)->detectAndCompute(load(path, megapixels), cv::noArray(), keypoints,
                                                  descriptors);
  }));
  for (const std::string_view kernels : features::sift_kernels()) {
    all.push_back(kernels == "plain" ? 0 : peak_megabytes([&] {
      features::Features result;
      const cv::Mat image = load(path, megapixels);
      features::Sift(options_of(kernels, threads)).detect_and_compute(view_of(image), result);
    }));
  }
  return all;
}

void compare(const std::string& path, double megapixels, int repeats, int threads) {
  const std::vector<double> memory = peaks(path, megapixels, threads);
  const cv::Mat image = load(path, megapixels);
  const std::vector<std::string_view> names = features::sift_kernels();
  const auto opencv = cv::SIFT::create(kFeatures, 3, 0.04, 10, 1.6, CV_8U);
  std::vector<features::Sift> ours;
  ours.reserve(names.size());
  for (const std::string_view name : names) {
    ours.emplace_back(options_of(name, threads));
  }
  Series reference;
  std::vector<Series> series(names.size());
  std::vector<cv::KeyPoint> keypoints;
  cv::Mat descriptors;
  std::vector<std::size_t> different(names.size(), 0);
  for (int i = 0; i < repeats; ++i) {
    reference.add(
        time_of([&] { opencv->detectAndCompute(image, cv::noArray(), keypoints, descriptors); }));
    for (std::size_t k = 0; k + 1 < names.size(); ++k) {  // the last is plain: too slow to wait for
      features::Features result;
      const Elapsed elapsed = time_of([&] { ours[k].detect_and_compute(view_of(image), result); });
      if (i == 0) {
        different[k] = differing(keypoints, descriptors, result);
        continue;  // pages are new and cold
      }
      series[k].add(elapsed);
      series[k].detect.push_back(ours[k].statistics().detect_ms);
      series[k].select.push_back(ours[k].statistics().select_ms);
      series[k].describe.push_back(ours[k].statistics().describe_ms);
    }
  }
  std::printf("%.1f MP (%d x %d), %zu of %zu keypoints; the image alone: %.0f MB\n", megapixels,
              image.cols, image.rows, keypoints.size(), ours[0].statistics().detected, memory[0]);
  print("cv::SIFT", reference, reference, memory[1]);
  for (std::size_t k = 0; k + 1 < names.size(); ++k) {
    print(std::string(names[k]), series[k], reference, memory[2 + k]);
    std::printf("  %-10s differing: %zu\n", "", different[k]);
  }
  std::fflush(stdout);
}

}  // namespace
}  // namespace bundle_match::bench

int main(int argc, char** argv) {
  using namespace bundle_match::bench;
  if (argc < 2) {
    std::fprintf(stderr, "usage: sift_bench IMAGE [REPEATS [THREADS]]\n");
    return 2;
  }
  const int repeats = argc > 2 ? std::atoi(argv[2]) : 7;
  const int threads = argc > 3 ? std::atoi(argv[3]) : 1;
  cv::setNumThreads(threads);
  for (const double megapixels : kMegapixels) {
    compare(argv[1], megapixels, repeats, threads);
  }
  return 0;
}
