// Which reader takes an image, and headers by Exiv2.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/features/image_reader.hpp"

#include "bundle_match/posix/file_descriptor.hpp"
#include "jpeg_reader.hpp"
#include "libpng_reader.hpp"
#include "opencv_reader.hpp"
#include "png_reader.hpp"

#include <exiv2/exiv2.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <sys/stat.h>
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

}  // namespace

std::optional<NotAFile> why_not_a_file(const std::string& path) {
  const UniqueFd file = open_for_reading(path);
  struct stat status {};
  if (!file.valid() || ::fstat(file.get(), &status) != 0) {
    return why_not_opened(errno);
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

std::optional<GreyImage> try_read_grey_image(const std::string& path) {
  GreyImage image;
  for (const auto read : {read_plain_png, read_jpeg, read_png_by_libpng}) {
    if (auto pixels = read(path)) {
      image.pixels = std::move(*pixels);
      return image;
    }
  }
  return read_by_decoders(path);
}

GreyImage read_grey_image(const std::string& path) {
  auto image = try_read_grey_image(path);
  if (!image) {
    load_decoders();
    image = read_by_decoders(path);
  }
  return std::move(*image);
}

}  // namespace bundle_match::features
