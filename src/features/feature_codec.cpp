// The encoded form: a header of 64 bytes, descriptors, keypoints, reason.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/features/feature_codec.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstring>
#include <stdexcept>
#include <type_traits>
#include <xxhash.h>

namespace bundle_match::features {
namespace {

// Raise the digit whenever the format changes.
constexpr std::array<char, 8> kFormat = {'b', 'm', 'f', 'e', 'a', 't', 's', '2'};

struct EncodingHeader {
  std::array<char, 8> magic = kFormat;
  std::uint64_t checksum = 0;  // of all that stands behind it, the rest of the header too
  std::uint64_t keypoints = 0;
  std::uint64_t reason_bytes = 0;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  GeoPosition position;
  std::uint64_t has_position = 0;  // 0 or 1
};

constexpr std::size_t kAlignment = alignof(std::uint64_t);
constexpr std::size_t kBytesPerKeypoint = sizeof(SiftKeypoint) + kSiftDescriptorBytes;
constexpr std::size_t kChecksummedFrom =
    offsetof(EncodingHeader, checksum) + sizeof(EncodingHeader::checksum);

static_assert(sizeof(EncodingHeader) == 64 &&  // so that descriptors begin a cache line
              alignof(EncodingHeader) <= kAlignment);
static_assert(sizeof(SiftKeypoint) == 24 && alignof(SiftKeypoint) <= kAlignment);
static_assert(kSiftDescriptorBytes % alignof(SiftKeypoint) == 0);
static_assert(std::is_trivially_copyable_v<SiftKeypoint>);

std::uint64_t checksum_of(std::string_view bytes) {
  const std::string_view checked = bytes.substr(kChecksummedFrom);
  return XXH3_64bits(checked.data(), checked.size());
}

void append(std::string& bytes, const void* more, std::size_t size) {
  bytes.append(static_cast<const char*>(more), size);
}

// Whether the sizes that the header states are those of the bytes. Nothing overflows: the first
// comparison bounds the number of keypoints by the bytes there are.
bool sizes_agree(const EncodingHeader& header, std::size_t bytes) {
  const std::size_t body = bytes - sizeof(EncodingHeader);
  return header.keypoints <= body / kBytesPerKeypoint &&
         header.reason_bytes == body - header.keypoints * kBytesPerKeypoint;
}

std::optional<GeoPosition> position_of(const EncodingHeader& header) {
  return header.has_position != 0 ? std::optional(header.position) : std::nullopt;
}

// The same image has the same bytes: where there is no position, there are zeros, without a sign.
bool position_is_valid(const EncodingHeader& header) {
  using Bits = std::array<std::uint64_t, 2>;
  return header.has_position == 0 ? std::bit_cast<Bits>(header.position) == Bits{}
                                  : header.has_position == 1 && is_valid(header.position);
}

}  // namespace

DescribedView view(const DescribedImage& image) {
  return {image.features.keypoints,
          image.features.descriptors.data(),
          image.width,
          image.height,
          image.position,
          image.reason};
}

std::string encode_features(const DescribedImage& image) {
  const Features& features = image.features;
  if (features.descriptors.size() != features.keypoints.size() * kSiftDescriptorBytes) {
    throw std::invalid_argument("features with another number of descriptors than of keypoints");
  }
  return encode_features(view(image));
}

std::string encode_features(const DescribedView& image) {
  EncodingHeader header;
  header.keypoints = image.keypoints.size();
  header.reason_bytes = image.reason.size();
  header.width = image.width;
  header.height = image.height;
  header.position = image.position.value_or(GeoPosition{});
  header.has_position = image.position ? 1 : 0;

  std::string bytes;
  // Reserved and appended to, so that nothing is filled with zeros first.
  bytes.reserve(sizeof header + image.keypoints.size() * kBytesPerKeypoint + image.reason.size());
  append(bytes, &header, sizeof header);
  append(bytes, image.descriptors, image.keypoints.size() * kSiftDescriptorBytes);
  append(bytes, image.keypoints.data(), image.keypoints.size_bytes());
  append(bytes, image.reason.data(), image.reason.size());

  header.checksum = checksum_of(bytes);
  std::memcpy(bytes.data(), &header, sizeof header);
  return bytes;
}

std::optional<DescribedView> view_features(std::string_view bytes, Checksum checksum) {
  EncodingHeader header;
  if (bytes.size() < sizeof header) {
    return std::nullopt;
  }
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % kAlignment != 0) {
    throw std::invalid_argument("encoded features at an odd address");
  }
  std::memcpy(&header, bytes.data(), sizeof header);
  if (header.magic != kFormat || !position_is_valid(header) || !sizes_agree(header, bytes.size()) ||
      (checksum == Checksum::compared && header.checksum != checksum_of(bytes))) {
    return std::nullopt;
  }
  const char* const descriptors = bytes.data() + sizeof header;
  const char* const keypoints = descriptors + header.keypoints * kSiftDescriptorBytes;
  DescribedView view;
  view.keypoints = {reinterpret_cast<const SiftKeypoint*>(keypoints), header.keypoints};
  view.descriptors = reinterpret_cast<const std::uint8_t*>(descriptors);
  view.width = header.width;
  view.height = header.height;
  view.position = position_of(header);
  view.reason = bytes.substr(bytes.size() - header.reason_bytes);
  return view;
}

}  // namespace bundle_match::features
