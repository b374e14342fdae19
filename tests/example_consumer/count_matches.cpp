// Prints the number of mutual matches of two images: count_matches REFERENCE IMAGE.
// SPDX-License-Identifier: Apache-2.0
#include <bundle_match/features/image_reader.hpp>
#include <bundle_match/features/sift_extractor.hpp>
#include <bundle_match/matching/kernel.hpp>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>

namespace {

using namespace bundle_match;

features::Features describe(const std::string& path) {
  const features::GreyImage image = features::read_grey_image(path);
  if (image.status != ImageStatus::ok) {
    throw std::runtime_error(path + ": " + image.reason);
  }
  return features::SiftExtractor(MatchOptions{}).extract(image.pixels);
}

matching::DescriptorView view(const features::Features& features) {
  return {features.descriptors.data(), features.keypoints.size()};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: count_matches REFERENCE IMAGE\n");
    return 2;
  }
  try {
    const features::Features reference = describe(argv[1]);
    const features::Features image = describe(argv[2]);
    matching::NearestNeighbours nearest;
    matching::fastest_kernel().make_matcher(view(reference))->match(view(image), nearest);
    std::printf("%zu\n", matching::mutual_matches(nearest).size());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "count_matches: %s\n", error.what());
    return 1;
  }
}
