// The blurred layers of one area of one octave, row by row from the top: every layer is computed as
// soon as the one before it allows, out of rows that are still in the cache, and only its latest
// rows are kept.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "arena.hpp"
#include "bundle_match/features/sift.hpp"
#include "kernels.hpp"
#include "pyramid_plan.hpp"
#include "stream_request.hpp"
#include "tiles.hpp"

#include <cstddef>
#include <vector>

namespace bundle_match::features::sift {

/// Where an octave's first layer comes from: the image (first octave) or a plane.
struct OctaveSource {
  const GreyView* image = nullptr;  ///< if not null, the layer is blurred from it
  const float* plane = nullptr;
  std::ptrdiff_t stride = 0;
  Size size;
};

/// Is called with every row of a stream once.
class RowListener {
 public:
  virtual ~RowListener() = default;
  /// Row y of a layer, columns x0 <= x < x1.
  virtual void on_row(int layer, int y, const float* row, int x0, int x1) = 0;
};

class LayerStream {
 public:
  LayerStream(const PyramidPlan& plan, const KernelTable& kernels);

  /// Takes its memory from the arena, which must not be reset while the stream is in use.
  void start(const OctaveSource& source, const StreamRequest& request, RowListener* listener,
             Arena& arena);
  /// Computes the top layer's rows up to y (not included), and what they need of the others; with
  /// its last row, the others' last rows, too.
  void advance(int y);

  /// First row of the top layer that isn't computed yet.
  [[nodiscard]] int next_row() const { return levels_[static_cast<std::size_t>(top_)].next; }
  /// Rectangle in which a layer is computed.
  [[nodiscard]] const Area& area(int layer) const {
    return levels_[static_cast<std::size_t>(layer)].area;
  }
  /// Whether the rows first to last are computed and still kept.
  [[nodiscard]] bool holds(int layer, int first, int last) const;
  /// A row that is still kept, from column `area(layer).x0` on.
  [[nodiscard]] const float* row(int layer, int y) const;
  /// The rows first to last, which are still kept, one after the other, each from column
  /// `area(layer).x0` on.
  [[nodiscard]] const float* const* rows(int layer, int first, int last) const;

 private:
  struct Ring {
    float* rows = nullptr;
    int count = 0;
    std::ptrdiff_t stride = 0;
    float* at(int y) const { return rows + (y % count) * stride; }
  };
  struct Level {
    Taps taps{};
    LayerSizes sizes;
    Area area;
    Ring blurred;                            ///< rows of the layer
    Ring filtered;                           ///< rows of the layer before, filtered along x
    std::vector<const float*> blurred_rows;  ///< those of `blurred`, twice: none is the last
    int next = 0;
    int next_filtered = 0;
    int filtered_end = 0;
    TileRuns blurred_runs;   ///< columns of `blurred` that are computed
    TileRuns filtered_runs;  ///< of `filtered`
  };

  void set_areas(const StreamRequest& request);
  void set_rings(const KeptLayers& whole, Arena& arena);
  void set_blurred_ring(int layer, const KeptLayers& whole, std::ptrdiff_t width, Arena& arena);
  void set_runs(const StreamRequest& request);
  void produce(int layer, int end);
  void filter_up_to(int layer, int end);
  void read_source(int y, int from, int end, int x0);
  void filter_row(int layer, int y, float* row, int x0);
  void copy_block(int layer);
  void blur_block(int layer);
  [[nodiscard]] bool holds_filtered(int layer, int y) const;
  void finish_row(int layer, int y);

  const PyramidPlan& plan_;
  const KernelTable& kernels_;
  OctaveSource source_;
  RowListener* listener_ = nullptr;
  int top_ = 0;
  int slack_;  ///< floats before and after a row
  std::vector<Level> levels_;
  std::vector<const float*> block_rows_;
  float* spare_row_ = nullptr;   ///< receives rows that are not needed
  float* source_row_ = nullptr;  ///< row of the doubled image
};

}  // namespace bundle_match::features::sift
