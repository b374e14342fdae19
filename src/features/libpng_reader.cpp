// libpng's calls in the order in which cv::imread makes them.
// SPDX-License-Identifier: Apache-2.0
#include "libpng_reader.hpp"

#include "exif_orientation.hpp"
#include "opencv_reader.hpp"
#include "stdio_file.hpp"

#include <array>
#include <cerrno>
#include <csetjmp>
#include <cstdint>
#include <cstdio>
#include <new>
#include <png.h>
#include <string_view>
#include <vector>

namespace bundle_match::features {
namespace {

/// A PNG that is being read.
class Png {
 public:
  explicit Png(std::FILE* file)
      : png_(png_create_read_struct(PNG_LIBPNG_VER_STRING, this, give_up, keep_warning)),
        info_(png_ != nullptr ? png_create_info_struct(png_) : nullptr),
        end_info_(png_ != nullptr ? png_create_info_struct(png_) : nullptr),
        file_(file) {
    if (end_info_ == nullptr || info_ == nullptr) {
      png_destroy_read_struct(&png_, &info_, &end_info_);
      throw std::bad_alloc();
    }
  }
  ~Png() { png_destroy_read_struct(&png_, &info_, &end_info_); }
  Png(const Png&) = delete;
  Png& operator=(const Png&) = delete;

  // Nothing if it is not for us.
  std::optional<cv::Mat> decode() {
    if (!attempt([this] { read_header(); })) {
      return std::nullopt;
    }
    const std::uint32_t width = png_get_image_width(png_, info_);
    const std::uint32_t height = png_get_image_height(png_, info_);
    if (std::uint64_t{width} * height > kMostPixels) {
      return std::nullopt;
    }
    cv::Mat pixels(static_cast<int>(height), static_cast<int>(width), CV_8UC1);
    std::vector<png_bytep> rows(height);
    for (std::uint32_t y = 0; y < height; ++y) {
      rows[y] = pixels.ptr(static_cast<int>(y));
    }
    if (!attempt([this, &rows] { read_pixels(rows.data()); })) {
      return std::nullopt;
    }
    const auto orientation = this->orientation();
    if (!orientation) {
      return std::nullopt;
    }
    if (warning_.front() != '\0') {
      (void)std::fprintf(stderr, "libpng warning: %s\n", warning_.data());
    }
    turn_upright(pixels, *orientation);
    return pixels;
  }

 private:
  [[noreturn]] static void give_up(png_structp png, png_const_charp /*why*/) {
    std::longjmp(static_cast<Png*>(png_get_error_ptr(png))->give_up_, 1);
  }

  // The first; nobody reads on.
  static void keep_warning(png_structp png, png_const_charp warning) {
    auto& kept = static_cast<Png*>(png_get_error_ptr(png))->warning_;
    if (kept.front() == '\0') {
      (void)std::snprintf(kept.data(), kept.size(), "%s", warning);
    }
  }

  void read_header() {
    png_init_io(png_, file_);
    png_read_info(png_, info_);
  }

  void read_pixels(png_bytepp rows) {
    const int depth = png_get_bit_depth(png_, info_);
    const int type = png_get_color_type(png_, info_);
    constexpr int kDeep = 16;
    if (depth == kDeep) {
      png_set_strip_16(png_);
    }
    png_set_strip_alpha(png_);
    if (type == PNG_COLOR_TYPE_PALETTE) {
      png_set_palette_to_rgb(png_);
    }
    if ((type & PNG_COLOR_MASK_COLOR) == 0 && depth < 8) {
      png_set_expand_gray_1_2_4_to_8(png_);
    }
    constexpr double kRed = 0.299, kGreen = 0.587;
    png_set_rgb_to_gray(png_, PNG_ERROR_ACTION_NONE, kRed, kGreen);
    (void)png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
    if (png_get_rowbytes(png_, info_) != png_get_image_width(png_, info_)) {
      png_error(png_, "not one byte a pixel");
    }
    png_read_image(png_, rows);
    png_read_end(png_, end_info_);
  }

  // Before the pixels or behind them.
  std::optional<std::uint16_t> orientation() {
    for (const png_infop info : {info_, end_info_}) {
      png_uint_32 size = 0;
      png_bytep data = nullptr;
      if (png_get_valid(png_, info, PNG_INFO_eXIf) != 0 &&
          png_get_eXIf_1(png_, info, &size, &data) != 0 && size > 0) {
        return exif_orientation({data, size});
      }
    }
    return 1;
  }

  // Whether libpng did not give up. It jumps out of the work, whose frames have nothing to destroy.
  template <typename Work>
  bool attempt(Work work) {
    errno = 0;
    if (setjmp(give_up_) == 0) {  // NOLINT(cert-err52-cpp): it is libpng's way
      work();
      return true;
    }
    if (errno == ENOMEM) {  // each failed malloc says so, and libpng only in words
      throw std::bad_alloc();
    }
    return false;
  }

  png_structp png_;
  png_infop info_;
  png_infop end_info_;
  std::FILE* file_;
  std::jmp_buf give_up_{};
  std::array<char, 256> warning_{};
};

}  // namespace

std::optional<cv::Mat> read_png_by_libpng(const std::string& path) {
  constexpr std::string_view kSignature = "\x89PNG\r\n\x1a\n";
  const StdioFile file = open_if_it_begins_with(kSignature, path);
  return file ? Png(file.get()).decode() : std::nullopt;
}

}  // namespace bundle_match::features
