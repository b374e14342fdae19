// A second, independent way to the result of matcher.hpp's contract, and data to try it on. It
// stores all distances and shares no code with the kernels.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/matching/kernel.hpp"

#include <algorithm>
#include <cstdint>
#include <ostream>
#include <random>
#include <vector>

namespace bundle_match::matching {

// How GoogleTest shows them.
inline void PrintTo(const Kernel& kernel, std::ostream* out) { *out << kernel.name; }
inline void PrintTo(const Nearest& nearest, std::ostream* out) {
  *out << "{" << nearest.index << ", " << nearest.distance << ", " << nearest.second_distance
       << "}";
}

}  // namespace bundle_match::matching

namespace bundle_match::matching::test {

/// Owned descriptors, rows x 128.
struct Descriptors {
  std::vector<std::uint8_t> bytes;

  [[nodiscard]] DescriptorView view() const {
    return {bytes.data(), bytes.size() / kDescriptorSize};
  }
};

/// How a test's descriptors look.
enum class Values { kZero, kFull, kRandom, kExtremes, kSiftLike, kFewDistinct };
inline constexpr Values kAllValues[] = {Values::kZero,     Values::kFull,     Values::kRandom,
                                        Values::kExtremes, Values::kSiftLike, Values::kFewDistinct};

inline Descriptors make_descriptors(Values values, std::size_t rows, std::mt19937& random) {
  Descriptors made;
  made.bytes.resize(rows * kDescriptorSize);
  // Few distinct descriptors make ties of index; few distinct bytes make ties of distance.
  const std::uint32_t salt = static_cast<std::uint32_t>(random());
  for (std::size_t i = 0; i < made.bytes.size(); ++i) {
    const std::uint32_t r = static_cast<std::uint32_t>(random());
    std::uint32_t value = 0;
    switch (values) {
      case Values::kZero:
        break;
      case Values::kFull:
        value = 255;
        break;
      case Values::kRandom:
        value = r & 255;
        break;
      case Values::kExtremes:
        value = (r & 1) * 255;
        break;
      case Values::kSiftLike:
        value = (r & 3) != 0 ? (r >> 8) & 31 : (r >> 8) & 127;
        break;
      case Values::kFewDistinct: {
        const std::size_t kind = i / kDescriptorSize * salt % 3;
        value = static_cast<std::uint32_t>(kind * 100 + i % kDescriptorSize % 2);
        break;
      }
    }
    made.bytes[i] = static_cast<std::uint8_t>(value);
  }
  return made;
}

inline std::uint32_t reference_distance(const std::uint8_t* a, const std::uint8_t* b) {
  std::uint32_t sum = 0;
  for (std::size_t k = 0; k < kDescriptorSize; ++k) {
    const int difference = int{a[k]} - int{b[k]};
    sum += static_cast<std::uint32_t>(difference * difference);
  }
  return sum;
}

inline Nearest reference_nearest(std::vector<std::uint32_t> distances) {
  Nearest nearest;
  if (!distances.empty()) {
    const auto first = std::min_element(distances.begin(), distances.end());  // the first of equals
    nearest.index = static_cast<std::uint32_t>(first - distances.begin());
    std::sort(distances.begin(), distances.end());
    nearest.distance = distances[0];
    nearest.second_distance = distances.size() > 1 ? distances[1] : kNone;
  }
  return nearest;
}

inline NearestNeighbours reference_match(DescriptorView query, DescriptorView train) {
  std::vector<std::vector<std::uint32_t>> rows(query.rows, std::vector<std::uint32_t>(train.rows));
  std::vector<std::vector<std::uint32_t>> columns(train.rows,
                                                  std::vector<std::uint32_t>(query.rows));
  for (std::size_t i = 0; i < query.rows; ++i) {
    for (std::size_t j = 0; j < train.rows; ++j) {
      rows[i][j] = columns[j][i] = reference_distance(query.row(i), train.row(j));
    }
  }
  NearestNeighbours nearest;
  for (auto& row : rows) {
    nearest.of_query.push_back(reference_nearest(std::move(row)));
  }
  for (auto& column : columns) {
    nearest.of_train.push_back(reference_nearest(std::move(column)));
  }
  return nearest;
}

}  // namespace bundle_match::matching::test
