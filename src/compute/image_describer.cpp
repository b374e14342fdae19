// Read, mask, SIFT, with the time of each stage; or the cache instead.
// SPDX-License-Identifier: Apache-2.0
#include "image_describer.hpp"

#include "bundle_match/cache/feature_cache.hpp"
#include "bundle_match/drawing/drawing.hpp"
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

void fail(ImageReport& report, ImageStatus status, std::string reason) {
  report.status = status;
  report.reason = std::move(reason);
}

features::DescribedImage to_image(const features::DescribedView& view) {
  features::DescribedImage image;
  image.features.keypoints.assign(view.keypoints.begin(), view.keypoints.end());
  const std::size_t bytes = view.keypoints.size() * features::kSiftDescriptorBytes;
  image.features.descriptors.assign(view.descriptors, view.descriptors + bytes);
  image.width = view.width;
  image.height = view.height;
  image.reason = view.reason;
  return image;
}

}  // namespace

void report_too_large(ImageReport& report, std::uint64_t needed_bytes, std::uint64_t limit_bytes) {
  fail(report, ImageStatus::too_large,
       needed_bytes > limit_bytes
           ? fmt::format("{} x {} pixels need {} of memory; raise --memory-limit", report.width,
                         report.height, as_mib(needed_bytes))
           : "needs more memory than there is for one rank; raise --memory-limit");
}

void guard(ImageReport& report, const std::function<void()>& work) {
  try {
    work();
  } catch (const OutOfMemory&) {
    throw;
  } catch (const cv::Exception& error) {
    if (error.code == cv::Error::StsNoMem) {
      throw OutOfMemory();
    }
    fail(report, ImageStatus::failed, "OpenCV: " + first_line(error));
  } catch (const std::bad_alloc&) {
    throw OutOfMemory();
  } catch (const std::exception& error) {
    fail(report, ImageStatus::failed, error.what());
  }
}

ImageDescriber::ImageDescriber(const MatchOptions& options)
    : options_(options), extractor_(options) {}

features::DescribedImage ImageDescriber::describe(const ImageOrder& order, ImageReport& report,
                                                  cv::Mat* pixels) {
  features::DescribedImage image;
  guard(report, [&] {
    image = describe_unguarded(order, report, pixels);
    report.keypoints = static_cast<std::uint32_t>(image.features.keypoints.size());
  });
  return image;
}

std::string ImageDescriber::mask_of(const ImageOrder& order) const {
  if (order.received || options_.mask_dir.empty()) {
    return order.mask;
  }
  return features::find_mask(options_.mask_dir, order.path);
}

features::DescribedImage ImageDescriber::describe_unguarded(const ImageOrder& order,
                                                            ImageReport& report, cv::Mat* pixels) {
  const std::string& path = order.path;
  if (auto reason = features::why_not_a_file(path)) {
    fail(report, ImageStatus::unreadable, std::move(*reason));
    return {};
  }
  const std::string mask = mask_of(order);
  return options_.cache_dir.empty() ? describe_file(path, mask, report, pixels)
                                    : describe_through_cache(path, mask, report, pixels);
}

// An entry must be of the bytes that its key was computed from. Files that take the place of these
// are not seen, and of one that is written to meanwhile the content is another afterwards.
features::DescribedImage ImageDescriber::describe_through_cache(const std::string& path,
                                                                const std::string& mask_path,
                                                                ImageReport& report,
                                                                cv::Mat* pixels) {
  const PinnedFile file(path);
  const PinnedFile mask(mask_path);
  if (auto image = find_in_cache(file.path(), mask.path(), report)) {
    return std::move(*image);
  }
  features::DescribedImage image = describe_file(file.path(), mask.path(), report, pixels);
  if (report.cache_key != cache::entry_key(file.path(), mask.path(), options_, CV_VERSION)) {
    report.cache_key.clear();
  }
  return image;
}

std::optional<features::DescribedImage> ImageDescriber::find_in_cache(const std::string& path,
                                                                      const std::string& mask,
                                                                      ImageReport& report) const {
  const Stopwatch watch;
  const auto key = cache::entry_key(path, mask, options_, CV_VERSION);
  if (!key) {
    return std::nullopt;
  }
  report.cache_key = *key;
  const auto entry = cache::find(options_.cache_dir, *key);
  const auto view = entry ? features::view_features(*entry) : std::nullopt;
  if (!view) {
    return std::nullopt;
  }
  report.cache_hit = true;
  report.width = view->width;
  report.height = view->height;
  report.reason = view->reason;
  features::DescribedImage image = to_image(*view);
  report.elapsed_ms.read = watch.milliseconds();
  return image;
}

features::DescribedImage ImageDescriber::describe_file(const std::string& path,
                                                       const std::string& mask_path,
                                                       ImageReport& report, cv::Mat* kept) {
  const Stopwatch watch;
  const cv::Mat pixels = read(path, report);
  features::GreyImage mask;
  if (report.status == ImageStatus::ok && !mask_path.empty()) {
    mask = features::read_grey_image(mask_path);
    if (mask.status != ImageStatus::ok) {
      fail(report, mask.status, "its mask: " + mask.reason);
    }
  }
  report.elapsed_ms.read = watch.milliseconds();
  if (report.status != ImageStatus::ok) {
    return {};
  }
  features::DescribedImage described;
  described.features = extract(pixels, mask.pixels, report);
  described.width = report.width;
  described.height = report.height;
  if (options_.report_pictures) {
    report.thumbnail = drawing::thumbnail(pixels, kThumbnail_px);
  }
  if (kept != nullptr) {
    *kept = pixels;
  }
  return described;
}

cv::Mat ImageDescriber::read(const std::string& path, ImageReport& report) const {
  // From the header, so that a small file with billions of pixels is never decoded.
  const auto stated = features::size_from_header(path);
  if (stated && refuse_if_too_large(*stated, report)) {
    return {};
  }
  features::GreyImage image = features::read_grey_image(path);
  if (image.status != ImageStatus::ok) {
    fail(report, image.status, std::move(image.reason));
    return {};
  }
  const features::ImageSize size{static_cast<std::uint64_t>(image.pixels.cols),
                                 static_cast<std::uint64_t>(image.pixels.rows)};
  return refuse_if_too_large(size, report) ? cv::Mat() : image.pixels;
}

features::Features ImageDescriber::extract(const cv::Mat& image, const cv::Mat& mask,
                                           ImageReport& report) {
  const Stopwatch watch;
  const cv::Mat shrunk = features::shrink(image, options_.max_size);
  features::Features features = extractor_.extract(shrunk);
  features::to_original_size(features, shrunk.size(), image.size());
  if (!mask.empty()) {
    features::apply_mask(features, mask, image.size());
  }
  report.elapsed_ms.sift = watch.milliseconds();
  return features;
}

bool ImageDescriber::refuse_if_too_large(features::ImageSize size, ImageReport& report) const {
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
