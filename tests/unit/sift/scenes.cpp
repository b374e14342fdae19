// Pictures for the tests of SIFT.
// SPDX-License-Identifier: Apache-2.0
#include "scenes.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>

namespace bundle_match::features {
namespace {

template <typename Value>
Scene draw(std::string name, int width, int height, Value value) {
  Scene scene{std::move(name) + " " + std::to_string(width) + "x" + std::to_string(height),
              width,
              height,
              {}};
  scene.pixels.reserve(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      scene.pixels.push_back(static_cast<std::uint8_t>(value(x, y)));
    }
  }
  return scene;
}

}  // namespace

Scene blobs(int width, int height, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<float> sum(static_cast<std::size_t>(width) * static_cast<std::size_t>(height),
                         110.0F);
  const int count = std::max(width * height / 900, 3);
  for (int i = 0; i < count; ++i) {
    const int x = static_cast<int>(random() % static_cast<unsigned>(width));
    const int y = static_cast<int>(random() % static_cast<unsigned>(height));
    const float size = 1.0F + static_cast<float>(random() % 1000) / 1000.0F *
                                  static_cast<float>(1U << (random() % 5));
    const float strength = static_cast<float>(random() % 200) - 100.0F;
    const int reach = static_cast<int>(3 * size);
    for (int v = std::max(y - reach, 0); v <= std::min(y + reach, height - 1); ++v) {
      for (int u = std::max(x - reach, 0); u <= std::min(x + reach, width - 1); ++u) {
        const auto distance2 = static_cast<float>((u - x) * (u - x) + (v - y) * (v - y));
        sum[static_cast<std::size_t>(v) * static_cast<std::size_t>(width) +
            static_cast<std::size_t>(u)] +=
            strength / (1 + distance2 * distance2 / (size * size * size * size));
      }
    }
  }
  return draw("blobs", width, height, [&](int x, int y) {
    const float value = sum[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                            static_cast<std::size_t>(x)];
    return std::clamp(static_cast<int>(value) + static_cast<int>(random() % 5), 0, 255);
  });
}

Scene noise(int width, int height, unsigned seed) {
  std::mt19937 random(seed);
  return draw("noise", width, height, [&](int, int) { return random() % 256; });
}

Scene constant(int width, int height, std::uint8_t value) {
  return draw("constant", width, height, [=](int, int) { return value; });
}

Scene checkerboard(int width, int height, int square) {
  return draw("checkerboard", width, height,
              [=](int x, int y) { return ((x / square + y / square) & 1) * 255; });
}

Scene sixteen_bit_ramp(int width, int height, unsigned seed) {
  std::mt19937 random(seed);
  return draw("ramp", width, height, [&](int x, int y) {
    return ((x * 37 + y * 91) % 65536 + static_cast<int>(random() % 200)) >> 8;
  });
}

Scene faint_discs(int width, int height, unsigned seed) {
  constexpr int kApart = 60;
  std::mt19937 random(seed);
  return draw("discs", width, height, [&](int x, int y) {
    const int column = x / kApart, row = y / kApart;
    const int u = x % kApart - kApart / 2, v = y % kApart - kApart / 2;
    const int radius = 1 + (column + 3 * row) % 12;
    const int contrast = u * u + v * v <= radius * radius ? 1 + (5 * column + row) % 16 : 0;
    return 20 + contrast + static_cast<int>(random() % 3);
  });
}

std::vector<Scene> scenes() {
  return {blobs(320, 240, 1),         blobs(241, 317, 2),        blobs(1500, 90, 3),
          blobs(40, 1200, 4),         blobs(3000, 13, 5),        blobs(13, 3000, 6),
          blobs(700, 600, 7),         noise(200, 150, 8),        constant(160, 120, 77),
          checkerboard(256, 256, 16), checkerboard(205, 133, 7), sixteen_bit_ramp(400, 300, 9),
          faint_discs(900, 700, 12),  faint_discs(1000, 333, 13)};
}

Features run_sift(const SiftOptions& options, const GreyView& image) {
  Sift sift(options);
  Features features;
  sift.detect_and_compute(image, features);
  return features;
}

}  // namespace bundle_match::features
