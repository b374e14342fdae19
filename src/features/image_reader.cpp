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
#include <cstddef>
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

std::optional<ImageSize> stated_size(const Exiv2::Image& image) {
  // A BMP's height is negative if its rows go down. OS/2's BMP has 16-bit fields, of which Exiv2
  // takes two for one: such numbers are beyond 65535.
  constexpr std::uint64_t kLargestOfBmp = 65535;
  const auto magnitude = [](int value) {
    return static_cast<std::uint64_t>(std::abs(std::int64_t{value}));
  };
  const ImageSize size{magnitude(static_cast<int>(image.pixelWidth())),
                       magnitude(static_cast<int>(image.pixelHeight()))};
  const bool odd_bmp =
      image.mimeType() == "image/x-ms-bmp" && std::max(size.width, size.height) > kLargestOfBmp;
  if (size.width == 0 || size.height == 0 || odd_bmp) {
    return std::nullopt;
  }
  return size;
}

// Degrees, minutes and seconds, each a fraction, and in another tag the half of the globe.
std::optional<double> stated_angle(const Exiv2::ExifData& exif, const std::string& tag,
                                   char negative) {
  const auto value = exif.findKey(Exiv2::ExifKey("Exif.GPSInfo." + tag));
  const auto half = exif.findKey(Exiv2::ExifKey("Exif.GPSInfo." + tag + "Ref"));
  if (value == exif.end() || half == exif.end()) {
    return std::nullopt;
  }
  // Not value->toRational(), whose numbers have a sign, and a bit less.
  const auto* const fractions = dynamic_cast<const Exiv2::URationalValue*>(&value->value());
  if (fractions == nullptr || fractions->value_.empty()) {
    return std::nullopt;
  }
  double angle = 0;
  double unit = 1;
  for (std::size_t i = 0; i < std::min<std::size_t>(3, fractions->value_.size()); ++i) {
    const auto& [numerator, denominator] = fractions->value_[i];
    angle += unit * numerator / denominator;
    unit /= 60;
  }
  const std::string name = half->toString();
  return !name.empty() && name.front() == negative ? -angle : angle;
}

std::optional<GeoPosition> stated_position(const Exiv2::ExifData& exif) {
  const auto latitude = stated_angle(exif, "GPSLatitude", 'S');
  const auto longitude = stated_angle(exif, "GPSLongitude", 'W');
  if (!latitude || !longitude) {
    return std::nullopt;
  }
  const GeoPosition position{*latitude, *longitude};
  return is_valid(position) && position != GeoPosition{} ? std::optional(position) : std::nullopt;
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

ImageHeader read_header(const std::string& path) {
  Exiv2::LogMsg::setLevel(Exiv2::LogMsg::mute);
  try {
    const auto image = Exiv2::ImageFactory::open(path);
    image->readMetadata();
    return {stated_size(*image), stated_position(image->exifData())};
  } catch (const std::exception&) {
    return {};  // not a format of Exiv2's, or damaged: the decoder will tell
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
