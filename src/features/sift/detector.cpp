// Detects keypoints in a stream of rows.
// SPDX-License-Identifier: Apache-2.0
#include "detector.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace bundle_match::features::sift {

Detector::Detector(const PyramidPlan& plan, const KernelTable& kernels)
    : plan_(plan),
      kernels_(kernels),
      stream_(plan, kernels),
      far_stream_(plan, kernels),
      top_(plan.blurred_layers() - 1),
      lag_(detection_lag(plan)) {}

void Detector::clear() {
  keypoints_.clear();
  candidates_ = 0;
  far_steps_ = 0;
}

void Detector::detect(const OctaveTask& task, const Area& area) {
  task_ = task;
  area_ = area;
  far_.clear();
  arena_.reset();
  StreamRequest request = detection_request(plan_, area, task.wanted);
  if (task.is_whole) {
    request.whole = task.kept;
  }
  stream_.start(task.source, request, this, arena_);
  allocate_rows(area);
  const int width = task.source.size.width;
  set_runs(std::max(area.x0, kImageBorder), std::min(area.x1, width - kImageBorder));
  const int first = std::max(area.y0, kImageBorder);
  const int last = std::min(area.y1, task.source.size.height - kImageBorder);
  next_difference_ = first - 1;
  stack_row_ = -1;
  for (int y = first; y < last; ++y) {
    stream_.advance(y + lag_);
    while (next_difference_ <= y + 1) {
      subtract(next_difference_++);
    }
    search_row(y);
  }
  stream_.advance(area.y1);
  for (const Extremum& at : far_) {
    follow_far(at);
  }
}

void Detector::set_runs(int x0, int x1) {
  if (task_.busy != nullptr) {
    runs_.set(*task_.busy, x0, x1);
  } else {
    runs_.set(x0, std::max(x0, x1));
  }
}

/// Keeps of a row what later steps need: the layers for descriptors, every other pixel for the next
/// octave.
void Detector::on_row(int layer, int y, const float* row, int x0, int x1) {
  if (layer < 1 || layer > plan_.layers() || y < area_.y0 || y >= area_.y1) {
    return;
  }
  static_cast<void>(x1);
  if (task_.kept.planes != nullptr && !task_.is_whole) {
    std::memcpy(task_.kept.row(layer, y) + area_.x0, row + (area_.x0 - x0),
                static_cast<std::size_t>(area_.x1 - area_.x0) * sizeof(float));
  }
  if (layer == plan_.layers() && task_.next != nullptr && (y & 1) == 0 &&
      y / 2 < task_.next_size.height) {
    float* next = task_.next + (y / 2) * task_.next_stride;
    const int end = std::min((area_.x1 + 1) / 2, task_.next_size.width);
    for (int x = (area_.x0 + 1) / 2; x < end; ++x) {
      next[x] = row[2 * x - x0];
    }
  }
}

void Detector::allocate_rows(const Area& area) {
  // One before the area, whose tiles are thus blocks of the search.
  first_column_ = area.x0 - 1;
  const int count = area.x1 + 1 - first_column_;
  difference_stride_ = (count + 2 * std::ptrdiff_t{kRowSlack} + 15) / 16 * 16;
  const int rows = kDifferenceRows * (plan_.layers() + 2);
  busy_stride_ = count / kSearchBlock + 1;
  busy_.resize(static_cast<std::size_t>(kDifferenceRows * busy_stride_));
  differences_ = arena_.floats(static_cast<std::size_t>(rows * difference_stride_)) + kRowSlack;
  columns_.resize(static_cast<std::size_t>(count) * static_cast<std::size_t>(plan_.layers()));
}

float* Detector::difference(int layer, int y) const {
  return differences_ + (layer * kDifferenceRows + y % kDifferenceRows) * difference_stride_;
}

/// Differences for the search in row y and its neighbours.
void Detector::subtract(int y) {
  subtract_runs(y, runs_.at(std::max(y - 1, 0)));
  if ((y - 1) / kTile != (y + 1) / kTile && y + 1 < area_.y1) {
    subtract_runs(y, runs_.at(y + 1));
  }
}

void Detector::subtract_runs(int y, std::span<const Run> runs) {
  static_assert(kTile % kSearchBlock == 0);
  for (const Run& run : runs) {
    const int x = run.x0 / kTile * kTile - 1;
    const float* rows[kMostLayers + 3];
    float* out[kMostLayers + 2];
    for (int layer = 0; layer <= top_; ++layer) {
      rows[layer] = stream_.row(layer, y) + (x - stream_.area(layer).x0);
    }
    for (int layer = 0; layer < top_; ++layer) {
      out[layer] = difference(layer, y) + (x - first_column_);
    }
    kernels_.subtract_rows(rows, out, plan_.layers(), run.x1 + 1 - x, plan_.threshold(),
                           busy(y) + (x - first_column_) / kSearchBlock);
  }
}

std::uint8_t* Detector::busy(int y) { return busy_.data() + y % kDifferenceRows * busy_stride_; }

void Detector::search_row(int y) {
  for (const Run& run : runs_.at(y)) {
    search_run(y, run);
  }
}

void Detector::search_run(int y, const Run& run) {
  const int x0 = run.x0 - first_column_;
  const int x1 = run.x1 - first_column_;
  if (x0 >= x1) {
    return;
  }
  assert(next_difference_ == y + 2);
  const float* rows[kDifferenceRows * (kMostLayers + 2)];
  for (int i = 0; i < kDifferenceRows * (plan_.layers() + 2); ++i) {
    rows[i] = difference(i / kDifferenceRows, y - 1 + i % kDifferenceRows);
  }
  int counts[kMostLayers];
  kernels_.find_extrema(rows, busy(y), plan_.layers(), x0, x1, plan_.threshold(), columns_.data(),
                        counts);
  for (int layer = 1; layer <= plan_.layers(); ++layer) {
    const int count = counts[layer - 1];
    const int* columns = columns_.data() + std::ptrdiff_t{layer - 1} * (x1 - x0);
    if (count > 0 && stack_row_ != y) {
      const int band = y / kTile * kTile;
      build_stack(stream_, std::max(y - kRefineRows - 1, band - kTile),
                  std::min(y + kRefineRows + 1, band + 2 * kTile - 1));
      stack_row_ = y;
    }
    for (int i = 0; i < count; ++i) {
      const int column = columns[i] + first_column_;
      // The tiles around a wanted one are computed, too.
      const int tile = column / kTile * kTile;
      stack_.left = std::max(tile - kTile, stream_.area(top_).x0);
      stack_.right = std::min(tile + 2 * kTile, stream_.area(top_).x1);
      follow(stream_, {layer, y, column, 0});
    }
    candidates_ += static_cast<std::size_t>(count);
  }
}

/// Tables the rows first to last of all layers, as far as they lie within the top layer's area.
void Detector::build_stack(const LayerStream& stream, int first, int last) {
  const Area& area = stream.area(top_);
  stack_.first_row = std::max(first, area.y0);
  stack_.row_count = std::min(last, area.y1 - 1) - stack_.first_row + 1;
  stack_.left = area.x0;
  stack_.right = area.x1;
  stack_.width = task_.source.size.width;
  stack_.height = task_.source.size.height;
  for (int layer = 0; layer <= top_; ++layer) {
    stack_.rows[layer] =
        stream.rows(layer, stack_.first_row, stack_.first_row + stack_.row_count - 1);
    stack_.first_columns[layer] = stream.area(layer).x0;
  }
}

void Detector::follow(const LayerStream& stream, Extremum at) {
  RefinedPoint point;
  switch (kernels_.refine(stack_, plan_.refine_settings(task_.octave), at, point)) {
    case Refined::kRejected:
      break;
    case Refined::kAccepted:
      orient(stream, at, point);
      break;
    case Refined::kLeftWindow:
      far_.push_back(at);
      break;
  }
}

/// Finishes a refinement that left the rows at hand, with layers computed around where it is now.
void Detector::follow_far(Extremum at) {
  RefinedPoint point;
  for (;;) {
    ++far_steps_;
    const Size& size = task_.source.size;
    far_arena_.reset();
    far_stream_.start(task_.source, refinement_request(plan_, at.row, at.column, size), nullptr,
                      far_arena_);
    far_stream_.advance(size.height);
    build_stack(far_stream_, 0, size.height);
    const Refined result = kernels_.refine(stack_, plan_.refine_settings(task_.octave), at, point);
    if (result == Refined::kAccepted) {
      orient(far_stream_, at, point);
    }
    if (result != Refined::kLeftWindow) {
      return;
    }
  }
}

void Detector::orient(const LayerStream& stream, const Extremum& at, const RefinedPoint& point) {
  const Area& area = stream.area(at.layer);
  const int first = std::max(at.row - plan_.orientation_reach(), area.y0);
  const int last = std::min(at.row + plan_.orientation_reach(), area.y1 - 1);
  const Window window{stream.rows(at.layer, first, last), first, area.x0, task_.source.size.width,
                      task_.source.size.height};
  float angles[kOrientationBins];
  const float scale = point.size * 0.5F / static_cast<float>(1 << task_.octave);
  const int count = kernels_.orientations(window, at.column, at.row, scale, angles);
  for (int i = 0; i < count; ++i) {
    keypoints_.push_back({point.x, point.y, point.size, angles[i], point.response, point.octave});
  }
}

}  // namespace bundle_match::features::sift
