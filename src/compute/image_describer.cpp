// Read, mask, SIFT, with the time of each stage; or the cache instead.
// SPDX-License-Identifier: Apache-2.0
#include "image_describer.hpp"

#include "bundle_match/cache/feature_cache.hpp"
#include "bundle_match/features/preparation.hpp"
#include "bundle_match/posix/pinned_file.hpp"
#include "stopwatch.hpp"

#include <fmt/format.h>
#include <opencv2/core.hpp>

#include <new>
#include <utility>

namespace bundle_match::compute {
namespace {

std::string as_mib(std::uint64_t bytes) {
  constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;
  return fmt::format("{} MiB", (bytes + kMiB - 1) / kMiB);
}

// The first line of an exception's message that says something.
std::string first_line(const cv::Exception& error) {
  const std::string& words = error.err;
  return words.substr(0, words.find('\n'));
}

void fail(OrderResult& result, ImageStatus status, std::string reason) {
  result.status = status;
  result.reason = std::move(reason);
}

features::GreyImage read_grey_image(const std::string& path) {
  auto image = features::try_read_grey_image(path);
  if (!image) {
    throw DecodersNeeded();
  }
  return std::move(*image);
}

features::DescribedImage to_image(const features::DescribedView& view) {
  features::DescribedImage image;
  image.features.keypoints.assign(view.keypoints.begin(), view.keypoints.end());
  const std::size_t bytes = view.keypoints.size() * features::kSiftDescriptorBytes;
  image.features.descriptors.assign(view.descriptors, view.descriptors + bytes);
  image.width = view.width;
  image.height = view.height;
  image.position = view.position;
  image.reason = view.reason;
  return image;
}

}  // namespace

void report_too_large(OrderResult& result, std::uint64_t needed_bytes, std::uint64_t limit_bytes) {
  fail(result, ImageStatus::too_large,
       needed_bytes > limit_bytes
           ? fmt::format("{} x {} pixels need {} of memory; raise --memory-limit", result.width,
                         result.height, as_mib(needed_bytes))
           : "needs more memory than there is for one rank; raise --memory-limit");
}

bool is_missing(const std::string& path, OrderResult& result) {
  auto why = features::why_not_a_file(path);
  if (why) {
    fail(result, ImageStatus::unreadable, std::move(why->reason));
    result.not_found = why->not_found;
  }
  return why.has_value();
}

void guard(OrderResult& result, const std::function<void()>& work) {
  try {
    work();
  } catch (const OutOfMemory&) {
    throw;
  } catch (const DecodersNeeded&) {
    throw;
  } catch (const cv::Exception& error) {
    if (error.code == cv::Error::StsNoMem) {
      throw OutOfMemory();
    }
    fail(result, ImageStatus::failed, "OpenCV: " + first_line(error));
  } catch (const std::bad_alloc&) {
    throw OutOfMemory();
  } catch (const std::exception& error) {
    fail(result, ImageStatus::failed, error.what());
  }
}

ImageDescriber::ImageDescriber(const MatchOptions& options)
    : options_(options), extractor_(options) {}

DescribedFile ImageDescriber::describe(const ComputeOrder& order, OrderResult& result) {
  DescribedFile described;
  guard(result, [&] {
    described = describe_unguarded(order, result);
    result.keypoints = static_cast<std::uint32_t>(described.image.features.keypoints.size());
  });
  return described;
}

std::string ImageDescriber::mask_of(const ComputeOrder& order) const {
  if (order.received) {
    return order.received->mask;
  }
  return options_.mask_dir.empty() ? "" : features::find_mask(options_.mask_dir, order.path);
}

DescribedFile ImageDescriber::describe_unguarded(const ComputeOrder& order, OrderResult& result) {
  DescribedFile described;
  const std::string& path = image_path(order);
  if (is_missing(path, result)) {
    return described;
  }
  const std::string mask = mask_of(order);
  if (options_.cache_dir.empty()) {
    describe_file(path, mask, result, described);
  } else {
    describe_through_cache(path, mask, result, described);
  }
  return described;
}

// An entry must be of the bytes that its key was computed from. Files that take the place of these
// are not seen, and of one that is written to meanwhile the content is another afterwards.
void ImageDescriber::describe_through_cache(const std::string& path, const std::string& mask_path,
                                            OrderResult& result, DescribedFile& described) {
  const PinnedFile file(path);
  const PinnedFile mask(mask_path);
  if (find_in_cache(file.path(), mask.path(), result, described)) {
    return;
  }
  describe_file(file.path(), mask.path(), result, described);
  const auto* const entry = std::get_if<CacheEntry>(&described.cache);
  if (entry != nullptr &&
      entry->key != cache::entry_key(file.path(), mask.path(), options_, CV_VERSION)) {
    described.cache = {};
  }
}

// If it is not there, but can be made, `described` has its key.
bool ImageDescriber::find_in_cache(const std::string& path, const std::string& mask,
                                   OrderResult& result, DescribedFile& described) const {
  const Stopwatch watch;
  const auto key = cache::entry_key(path, mask, options_, CV_VERSION);
  if (!key) {
    return false;
  }
  described.cache = CacheEntry{*key, {}};
  const auto entry = cache::find(options_.cache_dir, *key);
  const auto view = entry ? features::view_features(*entry) : std::nullopt;
  if (!view) {
    return false;
  }
  described.cache = CacheHit{*key};
  described.image = to_image(*view);
  result.width = view->width;
  result.height = view->height;
  result.reason = view->reason;
  result.elapsed_ms.read = watch.milliseconds();
  return true;
}

void ImageDescriber::describe_file(const std::string& path, const std::string& mask_path,
                                   OrderResult& result, DescribedFile& described) {
  const Stopwatch watch;
  const features::ImageHeader header = features::read_header(path);
  const cv::Mat pixels = read(path, header, result);
  features::GreyImage mask;
  if (result.status == ImageStatus::ok && !mask_path.empty()) {
    mask = read_grey_image(mask_path);
    if (mask.status != ImageStatus::ok) {
      fail(result, mask.status, "its mask: " + mask.reason);
    }
  }
  result.elapsed_ms.read = watch.milliseconds();
  if (result.status != ImageStatus::ok) {
    return;
  }
  described.image.features = extract(pixels, mask.pixels, result);
  described.image.width = result.width;
  described.image.height = result.height;
  described.image.position = header.position;
  described.pixels = pixels;
}

cv::Mat ImageDescriber::read(const std::string& path, const features::ImageHeader& header,
                             OrderResult& result) const {
  // So that a small file with billions of pixels is never decoded.
  if (header.size && refuse_if_too_large(*header.size, result)) {
    return {};
  }
  features::GreyImage image = read_grey_image(path);
  if (image.status != ImageStatus::ok) {
    fail(result, image.status, std::move(image.reason));
    return {};
  }
  const features::ImageSize size{static_cast<std::uint64_t>(image.pixels.cols),
                                 static_cast<std::uint64_t>(image.pixels.rows)};
  return refuse_if_too_large(size, result) ? cv::Mat() : image.pixels;
}

features::Features ImageDescriber::extract(const cv::Mat& image, const cv::Mat& mask,
                                           OrderResult& result) {
  const Stopwatch watch;
  const cv::Mat shrunk = features::shrink(image, options_.max_size);
  features::Features features = extractor_.extract(shrunk);
  features::to_original_size(features, shrunk.size(), image.size());
  if (!mask.empty()) {
    features::apply_mask(features, mask, image.size());
  }
  result.elapsed_ms.sift = watch.milliseconds();
  return features;
}

bool ImageDescriber::refuse_if_too_large(features::ImageSize size, OrderResult& result) const {
  result.width = static_cast<std::uint32_t>(size.width);
  result.height = static_cast<std::uint32_t>(size.height);
  const std::uint64_t needed = features::sift_memory_bytes(size, options_);
  if (options_.memory_limit_bytes == 0 || needed <= options_.memory_limit_bytes) {
    return false;
  }
  report_too_large(result, needed, options_.memory_limit_bytes);
  return true;
}

}  // namespace bundle_match::compute
