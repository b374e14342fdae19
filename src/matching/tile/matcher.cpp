// Passes over panels and chunks, and turns a kernel's keys into nearest neighbours.
//
// Loop order: panels of trains outside, chunks of queries inside, so that the row keys of a panel
// and the keys of a tile's columns stay in the first-level cache while the queries stream past.
// SPDX-License-Identifier: Apache-2.0
#include "tile/matcher.hpp"

#include "tile/packing.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>

namespace bundle_match::matching::tile {
namespace {

constexpr std::int32_t kNoScore = kNoKey >> kIndexBits;  // below every score, see tile_kernel.hpp

std::int32_t score_of(std::int32_t key) { return key >> kIndexBits; }
std::int32_t index_of(std::int32_t key) { return kIndexMask - (key & kIndexMask); }

std::uint32_t distance_of(std::int32_t offset, std::int32_t score) {
  return score == kNoScore ? kNone : static_cast<std::uint32_t>(offset - score);
}

// A row's best so far. Score and index share a number, so that the highest is the best: score
// above, the complement of the index below (the lower index of equals).
struct RowBest {
  std::int64_t best = pack(kNoScore, 0);
  std::int32_t second = kNoScore;

  static std::int64_t pack(std::int32_t score, std::uint32_t index) {
    return (std::int64_t{score} << 32) | std::int64_t{~index};
  }
  [[nodiscard]] std::int32_t score() const { return static_cast<std::int32_t>(best >> 32); }
  [[nodiscard]] std::uint32_t index() const { return ~static_cast<std::uint32_t>(best); }

  void offer(std::int32_t score, std::uint32_t index, std::int32_t second_score) {
    const std::int64_t candidate = pack(score, index);
    const auto loser = static_cast<std::int32_t>(std::min(best, candidate) >> 32);
    second = std::max(second, std::max(loser, second_score));
    best = std::max(best, candidate);
  }
};

// The columns' best so far, one entry a query: arrays, so that the merge is vectorized.
struct ColumnBests {
  AlignedVector<std::int32_t> score, second, index;

  void reset(std::size_t columns) {
    score.assign(columns, kNoScore);
    second.assign(columns, kNoScore);
    index.assign(columns, 0);
  }

  // Takes in a panel's keys; its rows come after all rows before, so equals lose.
  void merge(std::size_t first_row, std::size_t first_column, std::size_t count,
             const std::int32_t* best_keys, const std::int32_t* second_keys) {
    const auto base = static_cast<std::int32_t>(first_row);
    std::int32_t* const s = score.data() + first_column;
    std::int32_t* const s2 = second.data() + first_column;
    std::int32_t* const at = index.data() + first_column;
    for (std::size_t c = 0; c < count; ++c) {
      const std::int32_t candidate = score_of(best_keys[c]);
      const std::int32_t candidate2 = score_of(second_keys[c]);
      const std::int32_t loser = std::min(s[c], candidate);
      const std::int32_t runner_up = std::max(s2[c], candidate2);
      at[c] = candidate > s[c] ? base + index_of(best_keys[c]) : at[c];
      s[c] = std::max(s[c], candidate);
      s2[c] = std::max(runner_up, loser);
    }
  }
};

class TileMatcher final : public Matcher {
 public:
  TileMatcher(const TileKernel& kernel, DescriptorView query)
      : kernel_(kernel), query_rows_(query.rows), queries_(pack_queries(kernel.shape, query)) {}

  void match(DescriptorView train, NearestNeighbours& out) override {
    out.of_query.assign(query_rows_, Nearest{});
    out.of_train.assign(train.rows, Nearest{});
    if (query_rows_ == 0) {
      return;
    }
    columns_.reset(queries_.keys.size());
    for (std::size_t row = 0; row < train.rows; row += panel_.rows) {
      pack_trains(kernel_.shape, train, row, panel_);
      match_panel(row);
      for (std::size_t r = 0; r < panel_.rows; ++r) {
        const std::int32_t offset = panel_.row_offsets[r];
        out.of_train[row + r] = {rows_[r].index(), distance_of(offset, rows_[r].score()),
                                 distance_of(offset, rows_[r].second)};
      }
    }
    finish_columns(out.of_query);
  }

 private:
  void match_panel(std::size_t first_row) {
    rows_.assign(panel_.rows, RowBest{});
    const std::size_t step = chunk_tiles(kernel_.shape);
    for (std::size_t tile = 0; tile < queries_.tiles; tile += step) {
      match_chunk(first_row, tile, std::min(step, queries_.tiles - tile));
    }
  }

  void match_chunk(std::size_t first_row, std::size_t first_tile, std::size_t tiles) {
    const Shape& shape = kernel_.shape;
    const std::size_t first_column = first_tile * shape.columns();
    const std::size_t columns = tiles * shape.columns();
    const std::size_t row_keys = panel_.tiles * shape.rows * shape.lanes;
    row_best_.assign(row_keys, kNoKey);
    row_second_.assign(row_keys, kNoKey);
    column_best_.resize(columns);
    column_second_.resize(columns);
    kernel_.run({panel_.tiles, tiles, panel_.elements.data(), panel_.keys.data(),
                 queries_.elements.data() + first_column * kDescriptorSize * shape.element_bytes,
                 queries_.keys.data() + first_column, row_best_.data(), row_second_.data(),
                 column_best_.data(), column_second_.data()});
    merge_rows(first_column);
    columns_.merge(first_row, first_column, columns, column_best_.data(), column_second_.data());
  }

  // A row's keys are spread over the lanes: lane l holds queries l, lanes + l, 2 lanes + l, ...
  void merge_rows(std::size_t first_column) {
    const std::size_t lanes = kernel_.shape.lanes;
    for (std::size_t r = 0; r < panel_.rows; ++r) {
      RowBest row = rows_[r];
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        const std::int32_t key = row_best_[r * lanes + lane];
        const std::size_t column = first_column + static_cast<std::size_t>(index_of(key)) * lanes;
        row.offer(score_of(key), static_cast<std::uint32_t>(column + lane),
                  score_of(row_second_[r * lanes + lane]));
      }
      rows_[r] = row;
    }
  }

  void finish_columns(std::vector<Nearest>& of_query) const {
    for (std::size_t i = 0; i < of_query.size(); ++i) {
      if (columns_.score[i] != kNoScore) {
        const std::int32_t offset = queries_.square_sums[i];
        of_query[i] = {static_cast<std::uint32_t>(columns_.index[i]),
                       distance_of(offset, columns_.score[i]),
                       distance_of(offset, columns_.second[i])};
      }
    }
  }

  TileKernel kernel_;
  std::size_t query_rows_;
  PackedQueries queries_;
  // Kept from match to match for their capacity.
  PackedTrains panel_;
  std::vector<RowBest> rows_;                          // one a train of the panel
  ColumnBests columns_;                                // one a query
  AlignedVector<std::int32_t> row_best_, row_second_;  // panel x lanes
  AlignedVector<std::int32_t> column_best_, column_second_;
};

}  // namespace

std::unique_ptr<Matcher> make_matcher(const TileKernel& kernel, DescriptorView query) {
  return std::make_unique<TileMatcher>(kernel, query);
}

}  // namespace bundle_match::matching::tile
