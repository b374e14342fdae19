// Computes blurred layers block by block into rings of rows.
// SPDX-License-Identifier: Apache-2.0
#include "layer_stream.hpp"

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <cstring>

namespace bundle_match::features::sift {

LayerStream::LayerStream(const PyramidPlan& plan, const KernelTable& kernels)
    : plan_(plan),
      kernels_(kernels),
      slack_(row_slack(plan)),
      levels_(static_cast<std::size_t>(plan.blurred_layers())),
      block_rows_(static_cast<std::size_t>(2 * plan.largest_radius() + kBlockRows)) {
  for (int layer = 0; layer < plan.blurred_layers(); ++layer) {
    levels_[static_cast<std::size_t>(layer)].taps = plan.taps(layer);
  }
}

void LayerStream::start(const OctaveSource& source, const StreamRequest& request,
                        RowListener* listener, Arena& arena) {
  source_ = source;
  listener_ = listener;
  top_ = request.top;
  set_areas(request);
  set_rings(request.whole, arena);
  set_runs(request);
}

void LayerStream::set_areas(const StreamRequest& request) {
  const auto sizes = layer_sizes(plan_, request);
  int first_row = request.area.y0;
  for (int layer = top_; layer >= 0; --layer) {
    Level& level = levels_[static_cast<std::size_t>(layer)];
    level.sizes = sizes[static_cast<std::size_t>(layer)];
    const int margin = level.sizes.margin;
    // From a multiple of the block on, so that no block lies in two rows of tiles.
    first_row =
        std::max(std::min(request.area.y0 - margin, first_row), 0) / kBlockRows * kBlockRows;
    level.area = {std::max(request.area.x0 - margin, 0),
                  std::min(request.area.x1 + margin, source_.size.width), first_row,
                  std::min(request.area.y1 + margin, source_.size.height)};
    first_row -= level.taps.radius;
    level.next = level.area.y0;
    level.next_filtered = std::max(level.area.y0 - level.taps.radius, 0);
    level.filtered_end = std::min(level.area.y1 + level.taps.radius, source_.size.height);
  }
}

void LayerStream::set_rings(const KeptLayers& whole, Arena& arena) {
  const std::ptrdiff_t slack = slack_;
  std::ptrdiff_t widest = 0;
  for (int layer = top_; layer >= 0; --layer) {
    Level& level = levels_[static_cast<std::size_t>(layer)];
    const std::ptrdiff_t width = round_up_to_16(level.area.x1 - level.area.x0);
    set_blurred_ring(layer, whole, width, arena);
    if (layer > 0 || source_.image != nullptr) {
      level.filtered.stride = width;
      level.filtered.count = level.sizes.filtered_rows;
      level.filtered.rows = arena.floats(static_cast<std::size_t>(level.filtered.count * width));
    }
    widest = std::max(widest, width);
  }
  spare_row_ = arena.floats(static_cast<std::size_t>(widest));
  source_row_ = arena.floats(static_cast<std::size_t>(widest + 4 * slack)) + slack_;
}

void LayerStream::set_blurred_ring(int layer, const KeptLayers& whole, std::ptrdiff_t width,
                                   Arena& arena) {
  Level& level = levels_[static_cast<std::size_t>(layer)];
  Ring& ring = level.blurred;
  if (whole.planes != nullptr && layer >= 1 && layer <= plan_.layers()) {
    ring = {whole.row(layer, 0), source_.size.height, whole.stride};
  } else {
    const std::ptrdiff_t stride = width + 2 * std::ptrdiff_t{slack_};
    const int count = level.sizes.blurred_rows;
    ring = {arena.floats(static_cast<std::size_t>(count * stride)) + slack_, count, stride};
  }
  level.blurred_rows.clear();
  for (int i = 0; i < 2 * ring.count; ++i) {
    level.blurred_rows.push_back(ring.at(i));
  }
}

void LayerStream::set_runs(const StreamRequest& request) {
  for (int layer = top_; layer >= 0; --layer) {
    Level& level = levels_[static_cast<std::size_t>(layer)];
    if (request.wanted == nullptr || request.wanted->everywhere(layer)) {
      level.blurred_runs.set(level.area.x0, level.area.x1);
      level.filtered_runs.set(level.area.x0, level.area.x1);
    } else {
      level.blurred_runs.set(request.wanted->blurred(layer), level.area.x0, level.area.x1);
      level.filtered_runs.set(request.wanted->filtered(layer), level.area.x0, level.area.x1);
    }
  }
}

bool LayerStream::holds(int layer, int first, int last) const {
  const Level& level = levels_[static_cast<std::size_t>(layer)];
  return first >= std::max(level.area.y0, level.next - level.blurred.count) && last < level.next;
}

bool LayerStream::holds_filtered(int layer, int y) const {
  const Level& level = levels_[static_cast<std::size_t>(layer)];
  return y >= std::max(level.area.y0 - level.taps.radius,
                       level.next_filtered - level.filtered.count) &&
         y < level.next_filtered;
}

const float* LayerStream::row(int layer, int y) const {
  assert(holds(layer, y, y));
  return levels_[static_cast<std::size_t>(layer)].blurred.at(y);
}

const float* const* LayerStream::rows(int layer, int first, int last) const {
  assert(first > last || holds(layer, first, last));
  static_cast<void>(last);
  const Level& level = levels_[static_cast<std::size_t>(layer)];
  return level.blurred_rows.data() + first % level.blurred.count;
}

void LayerStream::advance(int y) {
  produce(top_, y);
  const Level& top = levels_[static_cast<std::size_t>(top_)];
  for (int layer = top_ - 1; layer >= 0 && top.next == top.area.y1; --layer) {
    produce(layer, levels_[static_cast<std::size_t>(layer)].area.y1);
  }
}

void LayerStream::produce(int layer, int end) {
  Level& level = levels_[static_cast<std::size_t>(layer)];
  end = std::min(end, level.area.y1);
  while (level.next < end) {
    const int first = level.next;
    const int last = std::min(first + kBlockRows, level.area.y1);
    if (layer == 0 && source_.image == nullptr) {
      copy_block(layer);
    } else {
      filter_up_to(layer, std::min(last + level.taps.radius, level.filtered_end));
      blur_block(layer);
    }
    level.next = last;
    for (int y = first; y < last; ++y) {
      finish_row(layer, y);
    }
  }
}

/// Sees to it that the rows before `end` are filtered along x.
void LayerStream::filter_up_to(int layer, int end) {
  Level& level = levels_[static_cast<std::size_t>(layer)];
  if (layer > 0) {
    produce(layer - 1, end);
    return;
  }
  const int x0 = std::max(level.area.x0 - level.taps.radius, 0) / 16 * 16;
  for (; level.next_filtered < end; ++level.next_filtered) {
    const int y = level.next_filtered;
    for (const Run& run : level.filtered_runs.at(y)) {
      read_source(y, std::max(run.x0 - level.taps.radius, x0) / 16 * 16,
                  std::min(run.x1 + level.taps.radius, source_.size.width), x0);
    }
    filter_row(0, y, source_row_, x0);
  }
}

/// Columns from to end of row y of the image, doubled if need be; `source_row_` begins with column
/// x0.
void LayerStream::read_source(int y, int from, int end, int x0) {
  const GreyView& image = *source_.image;
  if (plan_.doubled()) {
    const int near = y >> 1;
    const int far = std::clamp((y & 1) != 0 ? near + 1 : near - 1, 0, image.height - 1);
    kernels_.double_row(image.pixels + near * image.stride, image.pixels + far * image.stride,
                        image.width, from, end, source_row_ + (from - x0));
  } else {
    const std::uint8_t* pixels = image.pixels + y * image.stride;
    std::copy(pixels + from, pixels + end, source_row_ + (from - x0));
  }
}

/// Filters a row of what comes before `layer` along x; row[0] is column x0, and the row is given
/// its mirrored pixels where it ends with the image.
void LayerStream::filter_row(int layer, int y, float* row, int x0) {
  Level& level = levels_[static_cast<std::size_t>(layer)];
  assert(y == level.next_filtered && y < level.filtered_end);
  const int width = source_.size.width;
  for (int x = level.area.x0 - level.taps.radius; x < 0; ++x) {
    row[x - x0] = row[reflect(x, width) - x0];
  }
  for (int x = width; x < level.area.x1 + level.taps.radius; ++x) {
    row[x - x0] = row[reflect(x, width) - x0];
  }
  for (const Run& run : level.filtered_runs.at(y)) {
    kernels_.blur_row(row + (run.x0 - x0), level.filtered.at(y) + (run.x0 - level.area.x0),
                      run.x1 - run.x0, level.taps);
  }
}

void LayerStream::copy_block(int layer) {
  Level& level = levels_[static_cast<std::size_t>(layer)];
  for (int y = level.next; y < std::min(level.next + kBlockRows, level.area.y1); ++y) {
    for (const Run& run : level.blurred_runs.at(y)) {
      std::memcpy(level.blurred.at(y) + (run.x0 - level.area.x0),
                  source_.plane + y * source_.stride + run.x0,
                  static_cast<std::size_t>(run.x1 - run.x0) * sizeof(float));
    }
  }
}

void LayerStream::blur_block(int layer) {
  Level& level = levels_[static_cast<std::size_t>(layer)];
  const int radius = level.taps.radius;
  const Ring& ring = level.filtered;
  int place = 0;
  for (int i = 0, last = -2; i < 2 * radius + kBlockRows; ++i) {
    // Rows that only the block's unwanted rows would need may be any.
    const int y =
        std::min(reflect(level.next - radius + i, source_.size.height), level.filtered_end - 1);
    assert(level.next + i >= std::min(level.next + kBlockRows, level.area.y1) + 2 * radius ||
           holds_filtered(layer, y));
    // Mostly the one after the last: a division for each would take longer than all the rest.
    place = y != last + 1 ? y % ring.count : place + 1 == ring.count ? 0 : place + 1;
    block_rows_[static_cast<std::size_t>(i)] = ring.rows + place * ring.stride;
    last = y;
  }
  float* out[kBlockRows];
  for (int j = 0; j < kBlockRows; ++j) {
    out[j] = level.next + j < level.area.y1 ? level.blurred.at(level.next + j) : spare_row_;
  }
  static_assert(kTile % kBlockRows == 0);
  for (const Run& run : level.blurred_runs.at(level.next)) {
    kernels_.blur_columns(block_rows_.data(), out, run.x0 - level.area.x0, run.x1 - level.area.x0,
                          level.taps);
  }
}

void LayerStream::finish_row(int layer, int y) {
  const Area& area = levels_[static_cast<std::size_t>(layer)].area;
  float* row = levels_[static_cast<std::size_t>(layer)].blurred.at(y);
  if (listener_ != nullptr) {
    listener_->on_row(layer, y, row, area.x0, area.x1);
  }
  if (layer < top_) {
    Level& above = levels_[static_cast<std::size_t>(layer) + 1];
    if (y >= above.next_filtered && y < above.filtered_end) {
      filter_row(layer + 1, y, row, area.x0);
      above.next_filtered = y + 1;
    }
  }
}

}  // namespace bundle_match::features::sift
