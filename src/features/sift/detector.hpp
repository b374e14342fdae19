// Keypoints of one area of one octave: differences of the blurred layers, their extrema, refinement
// and orientation, while the rows stream by; and what is kept of the layers for later.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "arena.hpp"
#include "bundle_match/features/sift.hpp"
#include "kernels.hpp"
#include "layer_stream.hpp"
#include "pyramid_plan.hpp"
#include "tiles.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace bundle_match::features::sift {

/// One octave, as input of the detector.
struct OctaveTask {
  int octave = 0;
  OctaveSource source;
  const TileMap* busy = nullptr;  ///< tiles in which keypoints are looked for; null: everywhere
  const WantedTiles* wanted = nullptr;  ///< what their search wants; null: everything
  KeptLayers kept;
  /// One area is all of the octave, and its stream computes the kept layers where they are kept.
  /// Otherwise they are copied, as areas also compute pixels that their neighbours own.
  bool is_whole = false;
  float* next = nullptr;  ///< first layer of the next octave, or null
  std::ptrdiff_t next_stride = 0;
  Size next_size;
};

/// One per thread.
class Detector final : private RowListener {
 public:
  Detector(const PyramidPlan& plan, const KernelTable& kernels);

  /// Appends the keypoints of the area to `keypoints()`, in pixels of the first octave.
  void detect(const OctaveTask& task, const Area& area);

  [[nodiscard]] const std::vector<SiftKeypoint>& keypoints() const { return keypoints_; }
  [[nodiscard]] std::size_t candidates() const { return candidates_; }
  [[nodiscard]] std::size_t far_steps() const { return far_steps_; }
  [[nodiscard]] std::size_t arena_bytes() const {
    return arena_.size_bytes() + far_arena_.size_bytes();
  }
  void clear();

 private:
  void on_row(int layer, int y, const float* row, int x0, int x1) override;
  void allocate_rows(const Area& area);
  void set_runs(int x0, int x1);
  void subtract(int y);
  void subtract_runs(int y, std::span<const Run> runs);
  void search_row(int y);
  void search_run(int y, const Run& run);
  void build_stack(const LayerStream& stream, int first, int last);
  void follow(const LayerStream& stream, Extremum at);
  void follow_far(Extremum at);
  void orient(const LayerStream& stream, const Extremum& at, const RefinedPoint& point);
  [[nodiscard]] float* difference(int layer, int y) const;
  [[nodiscard]] std::uint8_t* busy(int y);

  const PyramidPlan& plan_;
  const KernelTable& kernels_;
  LayerStream stream_;
  LayerStream far_stream_;  ///< for refinements that leave what `stream_` holds
  Arena arena_;
  Arena far_arena_;
  int top_;
  int lag_;  ///< rows that the top layer has to be ahead of the search
  OctaveTask task_;
  Area area_;
  int first_column_ = 0;  ///< of the differences
  std::ptrdiff_t difference_stride_ = 0;
  float* differences_ = nullptr;
  std::ptrdiff_t busy_stride_ = 0;
  std::vector<std::uint8_t> busy_;  ///< blocks of rows of differences that are above the threshold
  int next_difference_ = 0;
  TileRuns runs_;  ///< columns that are searched
  std::vector<int> columns_;
  int stack_row_ = -1;  ///< row that the stack is for
  Stack stack_{};
  std::vector<Extremum> far_;
  std::vector<SiftKeypoint> keypoints_;
  std::size_t candidates_ = 0;
  std::size_t far_steps_ = 0;
};

}  // namespace bundle_match::features::sift
