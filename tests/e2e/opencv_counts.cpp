// The counts that OpenCV itself gives, by the contract's own words: opencv_counts [--nfeatures N]
// [--one-way] REF IMAGE... prints "PATH COUNT" for each, "PATH -" for what imread cannot read. It
// shares no line with the product.
// SPDX-License-Identifier: Apache-2.0
#include <opencv2/core.hpp>
#include <opencv2/features2d.hpp>
#include <opencv2/imgcodecs.hpp>

#include <cstddef>
#include <cstdio>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

struct Arguments {
  int nfeatures = 5000;
  bool one_way = false;
  std::string reference;
  std::vector<std::string> images;
};

Arguments parse(int argc, char** argv) {
  Arguments arguments;
  std::vector<std::string> paths;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--nfeatures" && i + 1 < argc) {
      arguments.nfeatures = std::stoi(argv[++i]);
    } else if (word == "--one-way") {
      arguments.one_way = true;
    } else {
      paths.push_back(word);
    }
  }
  if (paths.empty()) {
    throw std::invalid_argument("usage: opencv_counts [--nfeatures N] [--one-way] REF IMAGE...");
  }
  arguments.reference = paths.front();
  arguments.images.assign(paths.begin() + 1, paths.end());
  return arguments;
}

// n x 128 floats; an empty matrix if there are no features; nothing if there is no image.
std::optional<cv::Mat> descriptors_of(const std::string& path, int nfeatures) {
  const cv::Mat image = cv::imread(path, cv::IMREAD_GRAYSCALE);
  if (image.empty()) {
    return std::nullopt;
  }
  std::vector<cv::KeyPoint> keypoints;
  cv::Mat descriptors;
  cv::SIFT::create(nfeatures)->detectAndCompute(image, cv::noArray(), keypoints, descriptors);
  return descriptors;
}

std::size_t mutual_count(const cv::Mat& reference, const cv::Mat& image) {
  if (reference.empty() || image.empty()) {
    return 0;
  }
  std::vector<cv::DMatch> matches;
  cv::BFMatcher(cv::NORM_L2, true).match(reference, image, matches);
  return matches.size();
}

// Exact: the values are integers from 0 to 255, so the sum stays below 2^24.
float squared_distance(const float* a, const float* b) {
  float sum = 0;
  for (int k = 0; k < 128; ++k) {
    sum += (a[k] - b[k]) * (a[k] - b[k]);
  }
  return sum;
}

// The reference descriptors that are the nearest one (the lower index of equals) of any of the
// image's.
std::size_t one_way_count(const cv::Mat& reference, const cv::Mat& image) {
  std::vector<bool> is_nearest(static_cast<std::size_t>(reference.rows), false);
  for (int j = 0; j < image.rows; ++j) {
    int nearest = -1;
    float least = 0;
    for (int i = 0; i < reference.rows; ++i) {
      const float distance = squared_distance(reference.ptr<float>(i), image.ptr<float>(j));
      if (nearest < 0 || distance < least) {
        nearest = i;
        least = distance;
      }
    }
    if (nearest >= 0) {
      is_nearest[static_cast<std::size_t>(nearest)] = true;
    }
  }
  std::size_t count = 0;
  for (const bool nearest : is_nearest) {
    count += nearest ? 1 : 0;
  }
  return count;
}

void print_counts(const Arguments& arguments) {
  const auto reference = descriptors_of(arguments.reference, arguments.nfeatures);
  if (!reference) {
    throw std::runtime_error("no image: " + arguments.reference);
  }
  for (const std::string& path : arguments.images) {
    const auto image = descriptors_of(path, arguments.nfeatures);
    if (!image) {
      std::printf("%s -\n", path.c_str());
      continue;
    }
    const std::size_t count =
        arguments.one_way ? one_way_count(*reference, *image) : mutual_count(*reference, *image);
    std::printf("%s %zu\n", path.c_str(), count);
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    print_counts(parse(argc, argv));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "opencv_counts: %s\n", error.what());
    return 1;
  }
  return 0;
}
