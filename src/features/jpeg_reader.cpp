// libjpeg's calls in the order in which cv::imread makes them.
// SPDX-License-Identifier: Apache-2.0
#include "jpeg_reader.hpp"

#include "exif_orientation.hpp"
#include "opencv_reader.hpp"
#include "stdio_file.hpp"

#include <array>
#include <csetjmp>
#include <cstdint>
#include <cstdio>  // before jpeglib.h, which needs it
#include <cstring>
#include <jerror.h>
#include <jpeglib.h>
#include <new>
#include <string_view>

namespace bundle_match::features {
namespace {

// libjpeg knows the first member only.
struct ErrorManager {
  jpeg_error_mgr base{};
  std::jmp_buf give_up{};
  std::array<char, JMSG_LENGTH_MAX> warning{};  // the first; libjpeg tells no other
};

template <typename State>
ErrorManager& manager_of(State* state) {
  return *reinterpret_cast<ErrorManager*>(state->err);
}

[[noreturn]] void give_up(j_common_ptr state) { std::longjmp(manager_of(state).give_up, 1); }

void keep_warning(j_common_ptr state) {
  state->err->format_message(state, manager_of(state).warning.data());
}

constexpr std::string_view kExif("Exif\0\0", 6);

bool is_exif(const jpeg_marker_struct& marker) {
  return marker.data_length > kExif.size() &&
         std::memcmp(marker.data, kExif.data(), kExif.size()) == 0;
}

// Whether EXIF data could follow six bytes of whatever.
bool may_be_taken_for_exif(const jpeg_marker_struct& marker) {
  constexpr std::size_t kMagicAt = kExif.size() + 2;  // behind the order of bytes
  if (marker.data_length < kMagicAt + 2) {
    return false;
  }
  const std::uint8_t* const magic = marker.data + kMagicAt;
  constexpr std::uint8_t kMagic = 42;
  return magic[0] + magic[1] == kMagic && (magic[0] == 0 || magic[1] == 0);
}

// Versions of OpenCV differ in which of several markers they take, and some look neither at the
// first six bytes nor at the order of bytes.
std::optional<std::uint16_t> orientation_of(const jpeg_marker_struct* markers) {
  const jpeg_marker_struct* exif = nullptr;
  for (const auto* marker = markers; marker != nullptr; marker = marker->next) {
    if (is_exif(*marker) && marker == markers) {
      exif = marker;
    } else if (is_exif(*marker) || may_be_taken_for_exif(*marker)) {
      return std::nullopt;
    }
  }
  return exif == nullptr
             ? std::optional<std::uint16_t>(1)
             : exif_orientation({exif->data + kExif.size(), exif->data_length - kExif.size()});
}

/// A JPEG that is being decompressed.
class Jpeg {
 public:
  explicit Jpeg(std::FILE* file) : file_(file) {
    state_.err = jpeg_std_error(&errors_.base);
    errors_.base.error_exit = give_up;
    errors_.base.output_message = keep_warning;
  }
  ~Jpeg() { jpeg_destroy_decompress(&state_); }
  Jpeg(const Jpeg&) = delete;
  Jpeg& operator=(const Jpeg&) = delete;

  // Nothing if it is not for us.
  std::optional<cv::Mat> decode() {
    if (!read_header()) {
      return std::nullopt;
    }
    const auto orientation = orientation_of(state_.marker_list);
    constexpr int kCmyk = 4;
    if (!orientation || state_.num_components == kCmyk ||
        std::uint64_t{state_.image_width} * state_.image_height > kMostPixels) {
      return std::nullopt;
    }
    cv::Mat pixels(static_cast<int>(state_.image_height), static_cast<int>(state_.image_width),
                   CV_8UC1);
    if (!read_pixels(pixels)) {
      return std::nullopt;
    }
    if (errors_.warning.front() != '\0') {
      (void)std::fprintf(stderr, "%s\n", errors_.warning.data());
    }
    turn_upright(pixels, *orientation);
    return pixels;
  }

 private:
  bool read_header() {
    return attempt([this] {
      jpeg_create_decompress(&state_);
      jpeg_stdio_src(&state_, file_);
      constexpr unsigned kWhole = 0xffff;
      jpeg_save_markers(&state_, JPEG_APP0 + 1, kWhole);
      (void)jpeg_read_header(&state_, TRUE);
    });
  }

  bool read_pixels(cv::Mat& pixels) {
    const bool read = attempt([this, &pixels] {
      state_.out_color_space = JCS_GRAYSCALE;
      (void)jpeg_start_decompress(&state_);
      while (state_.output_scanline < state_.output_height) {
        JSAMPROW row = pixels.ptr(static_cast<int>(state_.output_scanline));
        (void)jpeg_read_scanlines(&state_, &row, 1);
      }
    });
    // All pixels are there, whatever follows them.
    return read && (attempt([this] { (void)jpeg_finish_decompress(&state_); }) || true);
  }

  // Whether libjpeg did not give up. It jumps out of the work, whose frames have nothing to
  // destroy.
  template <typename Work>
  bool attempt(Work work) {
    if (setjmp(errors_.give_up) == 0) {  // NOLINT(cert-err52-cpp): it is libjpeg's way
      work();
      return true;
    }
    if (errors_.base.msg_code == JERR_OUT_OF_MEMORY) {
      throw std::bad_alloc();
    }
    return false;
  }

  std::FILE* file_;
  ErrorManager errors_;
  jpeg_decompress_struct state_{};
};

}  // namespace

std::optional<cv::Mat> read_jpeg(const std::string& path) {
  constexpr std::string_view kSignature = "\xff\xd8\xff";
  const StdioFile file = open_if_it_begins_with(kSignature, path);
  return file ? Jpeg(file.get()).decode() : std::nullopt;
}

}  // namespace bundle_match::features
