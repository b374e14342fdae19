// The plain kernel: portable C++, the readable reference for the others.
//
// No overflow: a squared distance is at most 128 * 255^2 = 8,323,200 < 2^31.
// SPDX-License-Identifier: Apache-2.0
#include "plain.hpp"

#include <cstring>
#include <vector>

namespace bundle_match::matching::plain {
namespace {

std::uint32_t squared_distance(const std::uint8_t* a, const std::uint8_t* b) {
  std::int32_t sum = 0;
  for (std::size_t k = 0; k < kDescriptorSize; ++k) {
    const std::int32_t difference = std::int32_t{a[k]} - std::int32_t{b[k]};
    sum += difference * difference;
  }
  return static_cast<std::uint32_t>(sum);
}

// Strictly less keeps the lower index, as candidates come in ascending order.
void offer(Nearest& nearest, std::uint32_t index, std::uint32_t distance) {
  if (distance < nearest.distance) {
    nearest.second_distance = nearest.distance;
    nearest.distance = distance;
    nearest.index = index;
  } else if (distance < nearest.second_distance) {
    nearest.second_distance = distance;
  }
}

class PlainMatcher final : public Matcher {
 public:
  explicit PlainMatcher(DescriptorView query) : query_(query.rows * kDescriptorSize) {
    if (!query_.empty()) {
      std::memcpy(query_.data(), query.data, query_.size());
    }
  }

  void match(DescriptorView train, NearestNeighbours& out) override {
    const DescriptorView query{query_.data(), query_.size() / kDescriptorSize};
    out.of_query.assign(query.rows, Nearest{});
    out.of_train.assign(train.rows, Nearest{});
    for (std::uint32_t j = 0; j < train.rows; ++j) {
      for (std::uint32_t i = 0; i < query.rows; ++i) {
        const std::uint32_t distance = squared_distance(query.row(i), train.row(j));
        offer(out.of_query[i], j, distance);
        offer(out.of_train[j], i, distance);
      }
    }
  }

 private:
  std::vector<std::uint8_t> query_;  // n x 128
};

}  // namespace

std::unique_ptr<Matcher> make_matcher(DescriptorView query) {
  return std::make_unique<PlainMatcher>(query);
}

}  // namespace bundle_match::matching::plain
