// Distances block by block, each pair of vectors once, and the nearest so far of each.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/similarity/most_similar.hpp"

#include <algorithm>
#include <limits>
#include <span>

namespace bundle_match::similarity {
namespace {

// Rows are packed once for all columns; columns again for each block of rows. The distances of a
// block take 1 MB.
constexpr std::size_t kBlockRows = 1024;
constexpr std::size_t kBlockColumns = 256;

// The nearest so far, as a heap with the worst on top. An entry is a distance above and a row
// below: the smallest is the nearest and, of equals, that with the lower row.
class NearestRows {
 public:
  explicit NearestRows(std::size_t count) : count_(count) { entries_.reserve(count); }

  void offer(std::uint32_t row, std::uint32_t distance) {
    if (distance > worst_) {
      return;  // nearly always
    }
    const std::uint64_t entry = std::uint64_t{distance} << 32 | row;
    if (entries_.size() == count_) {
      if (entry > entries_.front()) {
        return;
      }
      std::pop_heap(entries_.begin(), entries_.end());
      entries_.pop_back();
    }
    entries_.push_back(entry);
    std::push_heap(entries_.begin(), entries_.end());
    if (entries_.size() == count_) {
      worst_ = static_cast<std::uint32_t>(entries_.front() >> 32);
    }
  }

  [[nodiscard]] std::vector<Similar> sorted() {
    std::sort_heap(entries_.begin(), entries_.end());
    std::vector<Similar> similar;
    similar.reserve(entries_.size());
    for (const std::uint64_t entry : entries_) {
      similar.push_back(
          {static_cast<std::uint32_t>(entry), static_cast<std::uint32_t>(entry >> 32)});
    }
    return similar;
  }

 private:
  std::size_t count_;
  std::uint32_t worst_ = std::numeric_limits<std::uint32_t>::max();
  std::vector<std::uint64_t> entries_;
};

// All rows, those that are asked for first, each kind in ascending order.
std::vector<std::uint32_t> asked_first(const std::vector<std::uint32_t>& asked, std::size_t rows) {
  std::vector<std::uint32_t> order = asked;
  order.reserve(rows);
  std::size_t next = 0;
  for (std::uint32_t row = 0; row < rows; ++row) {
    if (next < asked.size() && asked[next] == row) {
      ++next;
    } else {
      order.push_back(row);
    }
  }
  return order;
}

// Some vectors, copied one after another.
class Gathered {
 public:
  void assign(matching::VectorView from, std::span<const std::uint32_t> rows) {
    size_ = from.size;
    bytes_.clear();
    bytes_.reserve(rows.size() * size_);
    for (const std::uint32_t row : rows) {
      bytes_.insert(bytes_.end(), from.row(row), from.row(row) + size_);
    }
  }
  [[nodiscard]] matching::VectorView view() const {
    return {bytes_.data(), bytes_.size() / size_, size_};
  }

 private:
  std::size_t size_ = 1;
  std::vector<std::uint8_t> bytes_;
};

// Offers the distances of a block of rows and a block of columns, positions in `order`, to each
// other. Of a row's columns those behind it: the others had it as their column.
void offer_block(const std::vector<std::uint32_t>& distances, std::size_t first_row,
                 std::span<const std::uint32_t> order, std::size_t first_column,
                 std::size_t columns, std::vector<NearestRows>& nearest) {
  const std::size_t rows = distances.size() / columns;
  for (std::size_t r = 0; r < rows; ++r) {
    const std::size_t row = first_row + r;
    const std::uint32_t* const of_row = distances.data() + r * columns;
    for (std::size_t c = row < first_column ? 0 : row + 1 - first_column; c < columns; ++c) {
      const std::size_t column = first_column + c;
      nearest[row].offer(order[column], of_row[c]);
      if (column < nearest.size()) {
        nearest[column].offer(order[row], of_row[c]);
      }
    }
  }
}

}  // namespace

std::vector<std::vector<Similar>> most_similar(matching::VectorView vectors,
                                               const std::vector<std::uint32_t>& rows,
                                               std::size_t count, const matching::Kernel& kernel,
                                               const std::function<bool()>& go_on) {
  count = std::min(count, vectors.rows > 0 ? vectors.rows - 1 : 0);
  std::vector<std::vector<Similar>> similar;
  if (count == 0) {
    similar.resize(rows.size());
    return similar;
  }
  const std::vector<std::uint32_t> order = asked_first(rows, vectors.rows);
  const auto part = [&](std::size_t first, std::size_t most, std::size_t end) {
    return std::span(order).subspan(first, std::min(most, end - first));
  };
  std::vector<NearestRows> nearest(rows.size(), NearestRows(count));
  std::vector<std::uint32_t> distances;
  Gathered gathered;
  for (std::size_t row = 0; row < rows.size(); row += kBlockRows) {
    gathered.assign(vectors, part(row, kBlockRows, rows.size()));
    const auto block = kernel.make_distances(gathered.view());
    for (std::size_t column = row; column < order.size(); column += kBlockColumns) {
      if (!go_on()) {
        return {};
      }
      const auto columns = part(column, kBlockColumns, order.size());
      gathered.assign(vectors, columns);
      block->compute(gathered.view(), distances);
      offer_block(distances, row, order, column, columns.size(), nearest);
    }
  }
  similar.reserve(rows.size());
  for (NearestRows& it : nearest) {
    similar.push_back(it.sorted());
  }
  return similar;
}

}  // namespace bundle_match::similarity
