// Streams of blurred rows: every row of every layer's area comes, and the rows that each use reads
// are still there, with usual and with unusual options.
// SPDX-License-Identifier: Apache-2.0
#include "layer_stream.hpp"

#include "stream_request.hpp"
#include "variants.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace bundle_match::features::sift {
namespace {

constexpr Size kSize{150, 400};
constexpr Area kWhole{0, kSize.width, 0, kSize.height};
// In the middle, at the upper border, at the lower border.
constexpr Area kAreas[] = {{40, 100, 150, 211}, {0, 60, 0, 50}, {90, 150, 333, 400}};

// An octave's first layer: noise from an LCG.
std::vector<float> noise_plane() {
  std::vector<float> plane(static_cast<std::size_t>(kSize.width) * kSize.height + kRowSlack);
  std::uint32_t state = 7;
  for (float& pixel : plane) {
    state = state * 1664525U + 1013904223U;
    pixel = static_cast<float>(state >> 24);
  }
  return plane;
}

OctaveSource source_of(const std::vector<float>& plane) {
  return {nullptr, plane.data(), kSize.width, kSize};
}

/// Copies rows into whole layers, and counts them.
class Collector final : public RowListener {
 public:
  explicit Collector(int layers)
      : planes(static_cast<std::size_t>(layers), std::vector<float>(kPixels)),
        times(static_cast<std::size_t>(layers), std::vector<int>(kSize.height)) {}
  void on_row(int layer, int y, const float* row, int x0, int x1) override {
    std::copy(row, row + (x1 - x0), at(layer, x0, y));
    ++times[static_cast<std::size_t>(layer)][static_cast<std::size_t>(y)];
  }
  float* at(int layer, int x, int y) {
    return planes[static_cast<std::size_t>(layer)].data() +
           static_cast<std::ptrdiff_t>(y) * kSize.width + x;
  }

  static constexpr std::size_t kPixels = std::size_t{kSize.width} * kSize.height;
  std::vector<std::vector<float>> planes;
  std::vector<std::vector<int>> times;
};

class LayerStreams : public testing::TestWithParam<SiftOptions> {
 protected:
  LayerStreams() {
    StreamRequest request;
    request.area = kWhole;
    request.top = plan.blurred_layers() - 1;
    stream.start(source_of(plane), request, &whole, arena);
    stream.advance(kSize.height);
    arena.reset();
  }

  // Starts the stream again.
  void start(const StreamRequest& request, RowListener* listener = nullptr) {
    arena.reset();
    stream.start(source_of(plane), request, listener, arena);
  }

  // Whether the stream still has the rows first to last, as far as they lie in the layer's area.
  testing::AssertionResult has_rows(int layer, int first, int last) {
    const Area& area = stream.area(layer);
    first = std::max(first, area.y0);
    last = std::min(last, area.y1 - 1);
    if (!stream.holds(layer, first, last)) {
      return testing::AssertionFailure()
             << "layer " << layer << ", rows " << first << " to " << last;
    }
    const float* const* const rows = stream.rows(layer, first, last);
    for (int y = first; y <= last; ++y) {
      const float* row = rows[y - first];
      if (!std::equal(row, row + (area.x1 - area.x0), whole.at(layer, area.x0, y))) {
        return testing::AssertionFailure() << "layer " << layer << ", pixels of row " << y;
      }
    }
    return testing::AssertionSuccess();
  }

  PyramidPlan plan{GetParam()};
  std::vector<float> plane = noise_plane();
  Arena arena;
  LayerStream stream{plan, plain_kernels()};
  Collector whole{plan.blurred_layers()};  // layers without an end but the image's
};

TEST_P(LayerStreams, BringEveryRowOfEveryAreaOnce) {
  for (const Area& area : kAreas) {
    Collector part(plan.blurred_layers());
    const StreamRequest request = detection_request(plan, area, nullptr);
    start(request, &part);
    stream.advance(kSize.height);
    for (int layer = 0; layer <= request.top; ++layer) {
      const Area& computed = stream.area(layer);
      for (int y = 0; y < kSize.height; ++y) {
        const bool wanted = y >= computed.y0 && y < computed.y1;
        ASSERT_EQ(part.times[static_cast<std::size_t>(layer)][static_cast<std::size_t>(y)], wanted)
            << "layer " << layer << " row " << y;
        ASSERT_TRUE(!wanted || std::equal(part.at(layer, computed.x0, y),
                                          part.at(layer, computed.x1 - 1, y) + 1,
                                          whole.at(layer, computed.x0, y)))
            << "layer " << layer << " row " << y;
      }
    }
  }
}

TEST_P(LayerStreams, KeepTheRowsOfASearch) {
  const int reach = plan.orientation_reach();
  const int lag = detection_lag(plan);
  for (const Area& area : kAreas) {
    const StreamRequest request = detection_request(plan, area, nullptr);
    start(request);
    for (int y = area.y0; y < area.y1; ++y) {
      stream.advance(y + lag);
      for (int layer = 0; layer <= request.top; ++layer) {
        const bool inner = layer >= 1 && layer <= plan.layers();
        // Where refinement may end, and what it and an orientation read there.
        const int first = std::max(y - kRefineRows, area.y0 - kRefineReach);
        const int last = std::min(y + kRefineRows, area.y1 - 1 + kRefineReach);
        const int around = inner ? reach : 1;
        ASSERT_TRUE(has_rows(layer, first - around, last + around)) << "search in row " << y;
      }
    }
  }
}

TEST_P(LayerStreams, KeepTheRowsOfARefinement) {
  const int reach = plan.orientation_reach();
  for (const int row : {5, 6, 100, 201, 393, 394}) {
    const StreamRequest request = refinement_request(plan, row, 70, kSize);
    start(request);
    stream.advance(kSize.height);
    for (int layer = 0; layer <= request.top; ++layer) {
      const int around = layer >= 1 && layer <= plan.layers() ? reach : 1;
      ASSERT_TRUE(has_rows(layer, std::max(row - 2 - kRefineReach, 0) - around,
                           std::min(row + 2 + kRefineReach, kSize.height - 1) + around))
          << "row " << row;
    }
  }
}

TEST_P(LayerStreams, KeepTheRowsOfDescriptorsThatWait) {
  const int reach = plan.descriptor_reach();
  start(description_request(plan, {40, 100, 0, kSize.height}, 3, 397, kSize));
  for (int row = 3; row <= 397; ++row) {
    stream.advance(row + reach + 1);
    for (int layer = 1; layer <= plan.layers(); ++layer) {
      ASSERT_TRUE(has_rows(layer, std::max(row - kWaitingRows, 3) - reach, row + reach))
          << "descriptor in row " << row;
    }
  }
}

TEST_P(LayerStreams, BringWhatIsWantedAndNoMore) {
  // Apart, side by side, in the same tiles, and beyond the borders.
  struct Wanted {
    int layer;
    Area pixels;
  };
  const int top = plan.layers();
  const Wanted all[] = {{top, {70, 81, 200, 211}},
                        {1, {84, 99, 205, 219}},
                        {(top + 1) / 2, {-5, 9, -7, 12}},
                        {top, {140, 163, 390, 410}},
                        {1, {20, 21, 300, 301}}};
  WantedTiles wanted(plan);
  wanted.reset(kSize, 0);
  for (const Wanted& one : all) {
    wanted.add(one.layer, one.pixels);
  }
  StreamRequest request;
  request.area = kWhole;
  request.top = top;
  request.wanted = &wanted;
  Collector part(plan.blurred_layers());
  start(request, &part);
  stream.advance(kSize.height);
  for (const Wanted& one : all) {
    const int x0 = std::max(one.pixels.x0, 0), x1 = std::min(one.pixels.x1, kSize.width);
    for (int y = std::max(one.pixels.y0, 0); y < std::min(one.pixels.y1, kSize.height); ++y) {
      ASSERT_TRUE(std::equal(part.at(one.layer, x0, y), part.at(one.layer, x1 - 1, y) + 1,
                             whole.at(one.layer, x0, y)))
          << "layer " << one.layer << " row " << y;
    }
  }
  EXPECT_FALSE(wanted.blurred(top).marked(5, 20)) << "far from all";
}

TEST_P(LayerStreams, BringTheLayersOfASearchNearItsTiles) {
  TileMap busy;
  busy.reset(kSize.width, kSize.height, false);
  const int tiles[][2] = {{3, 9}, {4, 9}, {9, 24}, {0, 0}};
  for (const auto& tile : tiles) {
    busy.at(tile[0], tile[1]) = 1;
  }
  WantedTiles wanted(plan);
  want_search(plan, busy, kSize, wanted);
  Collector part(plan.blurred_layers());
  const StreamRequest request = detection_request(plan, kWhole, &wanted);
  start(request, &part);
  stream.advance(kSize.height);
  for (int layer = 0; layer <= request.top; ++layer) {
    for (const auto& tile : tiles) {
      const int x0 = std::max(tile[0] * kTile - kRefineReach - 1, 0);
      const int x1 = std::min((tile[0] + 1) * kTile + kRefineReach + 1, kSize.width);
      const int y1 = std::min((tile[1] + 1) * kTile + kRefineReach + 1, kSize.height);
      for (int y = std::max(tile[1] * kTile - kRefineReach - 1, 0); y < y1; ++y) {
        ASSERT_TRUE(std::equal(part.at(layer, x0, y), part.at(layer, x1 - 1, y) + 1,
                               whole.at(layer, x0, y)))
            << "layer " << layer << " row " << y;
      }
    }
  }
}

SiftOptions options(int layers, double sigma) {
  SiftOptions made;
  made.octave_layers = layers;
  made.sigma = sigma;
  return made;
}

// The narrowest filters reach less far than an orientation.
INSTANTIATE_TEST_SUITE_P(Options, LayerStreams,
                         testing::Values(options(3, 1.6), options(1, 0.8), options(1, 3),
                                         options(2, 1.2), options(5, 2), options(8, 0.8),
                                         options(8, 3)),
                         [](const auto& test) {
                           return std::to_string(test.param.octave_layers) + "LayersSigma" +
                                  std::to_string(static_cast<int>(10 * test.param.sigma));
                         });

}  // namespace
}  // namespace bundle_match::features::sift
