// Both libraries write to memory.
// SPDX-License-Identifier: Apache-2.0
#include "picture_encoding.hpp"

#include <array>
#include <csetjmp>
#include <cstdio>  // before jpeglib.h, which needs it
#include <cstdlib>
#include <jerror.h>
#include <jpeglib.h>
#include <memory>
#include <new>
#include <png.h>
#include <stdexcept>

namespace bundle_match::drawing {
namespace {

struct FreeMemory {
  void operator()(void* memory) const { std::free(memory); }
};

class JpegWriter {
 public:
  JpegWriter() {
    state_.err = jpeg_std_error(&errors_.base);
    errors_.base.error_exit = give_up;
  }
  ~JpegWriter() {
    jpeg_destroy_compress(&state_);
    std::free(bytes_);
  }
  JpegWriter(const JpegWriter&) = delete;
  JpegWriter& operator=(const JpegWriter&) = delete;

  std::string encode(const cv::Mat& picture, int quality) {
    if (setjmp(errors_.give_up) == 0) {  // NOLINT(cert-err52-cpp): it is libjpeg's way
      write(picture, quality);
      return {reinterpret_cast<const char*>(bytes_), size_};
    }
    if (errors_.base.msg_code == JERR_OUT_OF_MEMORY) {
      throw std::bad_alloc();
    }
    std::array<char, JMSG_LENGTH_MAX> why{};
    errors_.base.format_message(reinterpret_cast<j_common_ptr>(&state_), why.data());
    throw std::runtime_error(why.data());
  }

 private:
  // libjpeg knows the first member only.
  struct ErrorManager {
    jpeg_error_mgr base{};
    std::jmp_buf give_up{};
  };

  [[noreturn]] static void give_up(j_common_ptr state) {
    std::longjmp(reinterpret_cast<ErrorManager*>(state->err)->give_up, 1);
  }

  // libjpeg may jump out of it, so that nothing here needs to be destroyed.
  void write(const cv::Mat& picture, int quality) {
    jpeg_create_compress(&state_);
    jpeg_mem_dest(&state_, &bytes_, &size_);
    state_.image_width = static_cast<JDIMENSION>(picture.cols);
    state_.image_height = static_cast<JDIMENSION>(picture.rows);
    state_.input_components = picture.channels();
    state_.in_color_space = picture.channels() > 1 ? JCS_EXT_BGR : JCS_GRAYSCALE;
    jpeg_set_defaults(&state_);
    jpeg_set_quality(&state_, quality, TRUE);
    jpeg_start_compress(&state_, TRUE);
    while (state_.next_scanline < state_.image_height) {
      // It is not const in this interface, but only read.
      JSAMPROW row = const_cast<JSAMPROW>(picture.ptr(static_cast<int>(state_.next_scanline)));
      (void)jpeg_write_scanlines(&state_, &row, 1);
    }
    jpeg_finish_compress(&state_);
  }

  ErrorManager errors_;
  jpeg_compress_struct state_{};
  unsigned char* bytes_ = nullptr;  // from malloc
  unsigned long size_ = 0;
};

}  // namespace

std::string encode_jpeg(const cv::Mat& picture, int quality) {
  return JpegWriter().encode(picture, quality);
}

std::string encode_png(const cv::Mat& picture) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(picture.cols);
  image.height = static_cast<png_uint_32>(picture.rows);
  image.format = picture.channels() > 1 ? PNG_FORMAT_BGR : PNG_FORMAT_GRAY;
  const auto row_bytes = static_cast<png_int_32>(picture.step);
  std::string bytes;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  bytes.resize(size);
  if (png_image_write_to_memory(&image, bytes.data(), &size, 0, picture.data, row_bytes, nullptr) ==
      0) {
    throw std::runtime_error(std::string("libpng: ") + image.message);
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace bundle_match::drawing
