// Reading images with OpenCV, and their headers with Exiv2.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/features/image_reader.hpp"

#include "bundle_match/posix/file_descriptor.hpp"
#include "png_reader.hpp"

#include <exiv2/exiv2.hpp>
#include <opencv2/imgcodecs.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <new>
#include <string_view>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace bundle_match::features {
namespace {

std::optional<NotAFile> why_not_a_file(const struct stat& status) {
  switch (status.st_mode & S_IFMT) {
    case S_IFREG:
      break;
    case S_IFDIR:
      return NotAFile{"is a directory"};
    case S_IFIFO:
      return NotAFile{"is a FIFO, not a file"};
    default:
      return NotAFile{"is not a regular file"};
  }
  if (status.st_size == 0) {
    return NotAFile{"empty file (0 bytes)"};
  }
  return std::nullopt;
}

NotAFile why_not_opened(int error) {
  const bool not_found = error == ENOENT || error == ENOTDIR || error == EACCES;
  return {std::strerror(error), not_found};
}

// cv::imread, but for what decoders swallow: to them, and to OpenCV's own try blocks, a failed
// allocation is a damaged file. Every failed malloc leaves ENOMEM in errno, and all that follows
// is cleaning up, which changes it no more.
cv::Mat decode(const std::string& path) {
  errno = 0;
  cv::Mat pixels = cv::imread(path, cv::IMREAD_GRAYSCALE);
  if (pixels.empty() && errno == ENOMEM) {
    throw std::bad_alloc();
  }
  return pixels;
}

}  // namespace

void load_decoders() {
  constexpr std::string_view kImages[] = {
      "P5 1 1 255\nx",  // a PGM of one pixel
      std::string_view("BM\x3a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\1\0\0\0\1\0\0\0\1\0\x18\0"
                       "\0\0\0\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
                       58),  // a BMP of one pixel
      "no image: every decoder looks"};
  for (const std::string_view image : kImages) {
    const int file = ::memfd_create("image", MFD_CLOEXEC);
    if (file >= 0 && ::write(file, image.data(), image.size()) == ssize_t(image.size())) {
      (void)cv::imread(path_of_descriptor(file), cv::IMREAD_GRAYSCALE);
    }
    ::close(file);
  }
}

std::optional<NotAFile> why_not_a_file(const std::string& path) {
  // O_NONBLOCK: opening a FIFO would otherwise wait for a writer, perhaps for ever.
  const int fd = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  if (fd < 0) {
    return why_not_opened(errno);
  }
  struct stat status {};
  const int failed = ::fstat(fd, &status);
  const int error = errno;
  ::close(fd);
  if (failed != 0) {
    return why_not_opened(error);
  }
  return why_not_a_file(status);
}

std::optional<ImageSize> size_from_header(const std::string& path) {
  Exiv2::LogMsg::setLevel(Exiv2::LogMsg::mute);
  try {
    const auto image = Exiv2::ImageFactory::open(path);
    image->readMetadata();
    // A BMP's height is negative if its rows go down. OS/2's BMP has 16-bit fields, of which Exiv2
    // takes two for one: such numbers are beyond 65535.
    constexpr std::uint64_t kLargestOfBmp = 65535;
    const auto magnitude = [](int value) {
      return static_cast<std::uint64_t>(std::abs(std::int64_t{value}));
    };
    const ImageSize size{magnitude(static_cast<int>(image->pixelWidth())),
                         magnitude(static_cast<int>(image->pixelHeight()))};
    const bool odd_bmp =
        image->mimeType() == "image/x-ms-bmp" && std::max(size.width, size.height) > kLargestOfBmp;
    if (size.width == 0 || size.height == 0 || odd_bmp) {
      return std::nullopt;
    }
    return size;
  } catch (const std::exception&) {
    return std::nullopt;  // not a format of Exiv2's, or damaged: the decoder will tell
  }
}

GreyImage read_grey_image(const std::string& path) {
  GreyImage image;
  if (auto pixels = read_plain_png(path)) {
    image.pixels = std::move(*pixels);
    return image;
  }
  image.pixels = decode(path);
  if (image.pixels.empty()) {
    image.status = ImageStatus::unreadable;
    image.reason = "not an image that can be decoded";
  }
  return image;
}

}  // namespace bundle_match::features
