// Computes the margins and ring sizes of the streams of blurred rows.
// SPDX-License-Identifier: Apache-2.0
#include "stream_request.hpp"

#include <algorithm>
#include <cassert>

namespace bundle_match::features::sift {
namespace {

bool holds_keypoints(const PyramidPlan& plan, int layer) {
  return layer >= 1 && layer <= plan.layers();
}

}  // namespace

std::array<LayerSizes, kMostLayers + 3> layer_sizes(const PyramidPlan& plan,
                                                    const StreamRequest& request) {
  assert(request.top < plan.blurred_layers());
  std::array<LayerSizes, kMostLayers + 3> sizes;
  int margin = request.top_margin;
  int ahead = 0;  // R(l) + (top - l) B
  for (int layer = request.top; layer >= 0; --layer) {
    const bool inner = holds_keypoints(plan, layer);
    const int radius = plan.taps(layer).radius;
    margin = inner ? std::max(margin, request.layer_margin) : margin;
    sizes[static_cast<std::size_t>(layer)] = {
        margin,
        kBlockRows + std::max(ahead, margin - request.top_margin) +
            (inner ? request.kept_rows : request.other_kept_rows),
        2 * (radius + kBlockRows)};
    margin += radius;
    ahead += radius + kBlockRows;
  }
  return sizes;
}

int row_slack(const PyramidPlan& plan) {
  return std::max(round_up_to_16(plan.largest_radius() + 16), kRowSlack);
}

int detection_lag(const PyramidPlan& plan) {
  // A refinement reads kRefineRows + 1 rows below the row y that is searched, of all layers. It
  // ends within kRefineRows rows; an orientation reads orientation_reach() rows below, of a layer l
  // up to layers(), which is R(l) >= R(layers()) rows ahead of the top one.
  const int top = plan.blurred_layers() - 1;
  const int ahead = plan.taps(top).radius + plan.taps(top - 1).radius;
  return std::max(kRefineRows + 2, kRefineRows + plan.orientation_reach() + 1 - ahead);
}

void want_search(const PyramidPlan& plan, const TileMap& busy, const Size& size,
                 WantedTiles& wanted) {
  // The layers that hold keypoints are read by orientations, descriptors and the next octave.
  wanted.reset(size, plan.layers() + 1);
  TileRuns runs;
  runs.set(busy, 0, size.width);
  constexpr int kMargin = kRefineReach + 1;
  for (int y = 0; y < size.height; y += kTile) {
    for (const Run& run : runs.at(y)) {
      wanted.add(plan.blurred_layers() - 1,
                 {run.x0 - kMargin, run.x1 + kMargin, y - kMargin, y + kTile + kMargin});
    }
  }
}

StreamRequest detection_request(const PyramidPlan& plan, const Area& area,
                                const WantedTiles* wanted) {
  const int lag = detection_lag(plan);
  StreamRequest request;
  request.area = area;
  request.top = plan.blurred_layers() - 1;
  // A refinement reads a pixel beyond where it ends.
  request.top_margin = kRefineReach + 1;
  request.layer_margin = kRefineReach + plan.orientation_reach();
  // The same rows above the searched one as below, see detection_lag().
  request.other_kept_rows = lag + kRefineRows + 1;
  request.kept_rows = lag + kRefineRows + plan.orientation_reach();
  request.wanted = wanted;
  return request;
}

StreamRequest refinement_request(const PyramidPlan& plan, int row, int column, const Size& size) {
  constexpr int kAround = 2;
  StreamRequest request = detection_request(plan, {}, nullptr);
  request.area = {std::max(column - kAround, 0), std::min(column + kAround + 1, size.width),
                  std::max(row - kAround, 0), std::min(row + kAround + 1, size.height)};
  // All rows of the margins: from layer_margin above the area to top_margin below.
  request.other_kept_rows = 2 * kAround + 1 + 2 * request.top_margin;
  request.kept_rows = 2 * kAround + 1 + request.layer_margin + request.top_margin;
  return request;
}

StreamRequest description_request(const PyramidPlan& plan, const Area& area, int first, int last,
                                  const Size& size) {
  const int reach = plan.descriptor_reach();
  StreamRequest request;
  request.area = {std::max(area.x0 - reach, 0), std::min(area.x1 + reach, size.width),
                  std::max(first - reach, 0), std::min(last + reach + 1, size.height)};
  request.top = plan.layers();
  request.kept_rows = 2 * reach + 1 + kWaitingRows;
  return request;
}

}  // namespace bundle_match::features::sift
