// The library's one function, and a first image for decoders that load plugins.
// SPDX-License-Identifier: Apache-2.0
#include "opencv_reader.hpp"

#include "bundle_match/posix/file_descriptor.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <dlfcn.h>
#include <new>
#include <string_view>
#include <sys/mman.h>

namespace bundle_match::features {
namespace {

// bundle_match_imread() of decoders/imread.cpp.
using Imread = void(const std::string& path, cv::Mat& pixels);

struct Decoders {
  Imread* imread = nullptr;
  std::string why_not;  // if there is none
};

std::optional<Decoders>& decoders() {
  static std::optional<Decoders> loaded;
  return loaded;
}

Decoders open_library() {
  // First where the program's run path says. It stays for good.
  for (const char* const path : {"bundle_match_decoders.so", BUNDLE_MATCH_INSTALLED_DECODERS}) {
    void* const library = ::dlopen(path, RTLD_NOW | RTLD_LOCAL);
    void* const imread = library != nullptr ? ::dlsym(library, "bundle_match_imread") : nullptr;
    if (imread != nullptr) {
      return {reinterpret_cast<Imread*>(imread), {}};
    }
  }
  return {nullptr, std::string("it needs OpenCV's decoders: ") + ::dlerror()};
}

// Every decoder looks at the last one; the others are images of one pixel.
void read_first_images(const Decoders& decoders) {
  constexpr std::array<std::string_view, 3> kImages = {
      "P5 1 1 255\nx",  // PGM
      std::string_view("BM\x3a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\1\0\0\0\1\0\0\0\1\0\x18\0"
                       "\0\0\0\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
                       58),  // BMP
      "no image"};
  for (const std::string_view image : kImages) {
    const UniqueFd file(::memfd_create("image", MFD_CLOEXEC));
    if (file.valid() && write_all(file.get(), image) == 0) {
      cv::Mat pixels;
      decoders.imread(path_of_descriptor(file.get()), pixels);
    }
  }
}

// What decoders swallow: to them, and to OpenCV's own try blocks, a failed allocation is a damaged
// file. Every failed malloc leaves ENOMEM in errno, and all that follows is cleaning up, which
// changes it no more.
cv::Mat read(const Decoders& decoders, const std::string& path) {
  errno = 0;
  cv::Mat pixels;
  decoders.imread(path, pixels);
  if (pixels.empty() && errno == ENOMEM) {
    throw std::bad_alloc();
  }
  return pixels;
}

}  // namespace

void load_decoders() {
  if (!decoders()) {
    decoders() = open_library();
    if (decoders()->imread != nullptr) {
      read_first_images(*decoders());
    }
  }
}

std::optional<GreyImage> read_by_decoders(const std::string& path) {
  if (!decoders()) {
    return std::nullopt;
  }
  GreyImage image;
  if (decoders()->imread == nullptr) {
    image.status = ImageStatus::failed;
    image.reason = decoders()->why_not;
    return image;
  }
  image.pixels = read(*decoders(), path);
  if (image.pixels.empty()) {
    image.status = ImageStatus::unreadable;
    image.reason = "not an image that can be decoded";
  }
  return image;
}

}  // namespace bundle_match::features
