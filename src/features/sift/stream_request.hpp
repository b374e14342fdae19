// What a stream of blurred layers computes and keeps for each of its uses. All sizes of rings of
// rows are derived here, and nowhere else; debug builds check them at each access.
//
// Terms. B = kBlockRows: rows are blurred in blocks of B, from the first row of their area on.
// r(l): radius of the filter that makes layer l from the one before. N(l): first row of layer l
// that is not computed yet. R(l) = r(l + 1) + ... + r(top).
//
// How far layers are ahead. Who asks for the rows of a layer before row `end` gets whole blocks, so
// N(l) <= end + B - 1. A block that ends at row e needs the rows of the layer before up to e +
// r(l):
//   N(top) + R(l) <= N(l) <= N(top) + R(l) + (top - l)(B - 1)
// as far as the layers' areas reach. Once the top layer is complete, the others are completed; then
// N(l) - N(top) is the difference of their margins.
//
// Rings of blurred rows. LayerStream::advance(y) promises that from row y - kept on every computed
// row can be read, y being at most the end of the top layer's area. A ring of n rows holds the rows
// from N(l) - n on, and N(top) <= y + B - 1, so this suffices:
//   n = B + max(R(l) + (top - l) B, margin(l) - margin(top)) + kept
//
// Rings of filtered rows (layer l - 1 filtered along x). Rows are filtered when they are computed.
// A block of layer l from row e - B to e reads the rows from e - B - r(l) on, while
// N(l - 1) <= e + r(l) + B - 1, so 2 r(l) + 2 B suffice.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels.hpp"
#include "pyramid_plan.hpp"
#include "tiles.hpp"
#include "wanted_tiles.hpp"

#include <array>
#include <cstddef>

namespace bundle_match::features::sift {

/// Columns and rows beyond an area in which its refinements may end. Further ones are finished on
/// their own.
inline constexpr int kRefineReach = 6;
/// Rows around an extremum that are at hand for its refinement, within the area.
inline constexpr int kRefineRows = 16;
/// Rows of differences that the search for extrema looks at: a row and its neighbours.
inline constexpr int kDifferenceRows = 3;
/// Rows that a stream may run on while a descriptor waits for others.
inline constexpr int kWaitingRows = 8;

/// Whole layers 1 to layers() of an octave, one after the other, each row with row_slack() floats
/// before and after it; `planes` is null if they aren't kept.
struct KeptLayers {
  float* planes = nullptr;
  std::ptrdiff_t stride = 0;
  std::ptrdiff_t plane_size = 0;
  [[nodiscard]] float* row(int layer, int y) const {
    return planes + (layer - 1) * plane_size + y * stride;
  }
};

/// Which layers are wanted where.
struct StreamRequest {
  Area area;                ///< owned pixels
  int top = 0;              ///< last layer
  int top_margin = 0;       ///< pixels of it around the area
  int layer_margin = 0;     ///< pixels of layers 1 to layers() around the area
  int kept_rows = 0;        ///< rows of layers 1 to layers() that are kept, see advance() above
  int other_kept_rows = 0;  ///< the same of the others
  const WantedTiles* wanted = nullptr;  ///< where layers are computed; null: everywhere
  /// The area is all of the octave, and layers 1 to layers() are computed in these instead of
  /// rings.
  KeptLayers whole;
};

/// Of one layer of a stream.
struct LayerSizes {
  int margin = 0;         ///< pixels around the area that are computed, as far as the image reaches
  int blurred_rows = 0;   ///< in its ring
  int filtered_rows = 0;  ///< in the ring of rows that it is blurred from
};

/// Of the layers 0 to request.top.
[[nodiscard]] std::array<LayerSizes, kMostLayers + 3> layer_sizes(const PyramidPlan& plan,
                                                                  const StreamRequest& request);

/// Rows begin at multiples of 16 floats, a cache line.
[[nodiscard]] constexpr int round_up_to_16(int count) { return (count + 15) / 16 * 16; }

/// Floats before and after each row: for the pixels mirrored at the image's border, and for kernels
/// that read and write whole vectors. A multiple of 16.
[[nodiscard]] int row_slack(const PyramidPlan& plan);

/// Rows that the top layer has to be ahead of the row that is searched for extrema.
[[nodiscard]] int detection_lag(const PyramidPlan& plan);

/// To search the area for keypoints: of row y after advance(y + detection_lag()).
[[nodiscard]] StreamRequest detection_request(const PyramidPlan& plan, const Area& area,
                                              const WantedTiles* wanted);

/// What the search of these tiles wants.
void want_search(const PyramidPlan& plan, const TileMap& busy, const Size& size,
                 WantedTiles& wanted);

/// To refine and orient an extremum at this pixel: after advance() to the end.
[[nodiscard]] StreamRequest refinement_request(const PyramidPlan& plan, int row, int column,
                                               const Size& size);

/// To describe keypoints in the rows `first` to `last` of the area's columns: those in row y after
/// advance(y + descriptor_reach() + 1), and those of kWaitingRows rows before, too.
[[nodiscard]] StreamRequest description_request(const PyramidPlan& plan, const Area& area,
                                                int first, int last, const Size& size);

}  // namespace bundle_match::features::sift
