// How near SIFT's blurs come to what the core can do: blur_bench [REPEATS]. Each pass of each
// filter that the default options need, over rows in the first- and second-level cache, beside
// bare multiply-adds of the same width. Prints medians.
// SPDX-License-Identifier: Apache-2.0
#include "arena.hpp"
#include "ceiling.hpp"
#include "kernels.hpp"
#include "measure.hpp"
#include "pyramid_plan.hpp"
#include "variants.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace bundle_match::bench {
namespace {

using namespace features::sift;

constexpr int kWidth = 832;  // of a strip, with its margins
constexpr int kRows = 40;    // 2 * the largest radius + kBlockRows and some
constexpr int kPasses = 200;

/// Multiply-adds, the first one a product, that a pass takes for each of its pixels: along y, the
/// pixels that share a tap are added before.
int row_steps(int radius) { return 2 * radius + 1; }
int column_steps(int radius) { return radius + 1; }

/// Multiply-adds of single floats in a nanosecond; 0: not known.
double ceiling_of(std::string_view kernels) {
  constexpr int kRuns = 10;
  for (const Ceiling& ceiling : float_ceilings()) {
    if (ceiling.kernel == kernels) {
      const double ms = time_of([&] {
                          for (int i = 0; i < kRuns; ++i) {
                            ceiling.run();
                          }
                        }).cpu_ms;
      return kRuns * static_cast<double>(ceiling.multiply_adds) / (ms * 1e6);
    }
  }
  return 0;
}

/// Aligned as those of a stream are.
class Rows {
 public:
  Rows() {
    float* const floats = arena_.floats(kRows * kStride);
    std::fill_n(floats, kRows * kStride, 1.0F);
    for (int y = 0; y < kRows; ++y) {
      rows_.push_back(floats + y * kStride + kRowSlack);
    }
  }
  [[nodiscard]] float* const* all() { return rows_.data(); }

 private:
  static constexpr std::ptrdiff_t kStride = kWidth + 2 * kRowSlack;

  Arena arena_;
  std::vector<float*> rows_;
};

struct Series {
  std::vector<double> rows, columns, ceiling;  // multiply-adds in a nanosecond
};

void measure(const Variant& variant, Taps taps, Series& series) {
  Rows in;
  Rows out;
  constexpr double kPixels = double{kPasses} * kBlockRows * kWidth;
  const double row_ms = time_of([&] {
                          for (int i = 0; i < kPasses; ++i) {
                            for (int y = 0; y < kBlockRows; ++y) {
                              variant.table().blur_row(in.all()[y], out.all()[y], kWidth, taps);
                            }
                          }
                        }).cpu_ms;
  const double column_ms = time_of([&] {
                             for (int i = 0; i < kPasses; ++i) {
                               variant.table().blur_columns(in.all(), out.all(), 0, kWidth, taps);
                             }
                           }).cpu_ms;
  series.rows.push_back(kPixels * row_steps(taps.radius) / (row_ms * 1e6));
  series.columns.push_back(kPixels * column_steps(taps.radius) / (column_ms * 1e6));
  series.ceiling.push_back(ceiling_of(variant.name));
}

void compare(const Variant& variant, int repeats) {
  const PyramidPlan plan{features::SiftOptions{}};
  std::printf("%s\n", std::string(variant.name).c_str());
  for (int layer = 0; layer < plan.blurred_layers(); ++layer) {
    const Taps taps = plan.taps(layer);
    Series series;
    for (int i = 0; i < repeats; ++i) {
      measure(variant, taps, series);
    }
    const double ceiling = median(series.ceiling);
    const auto share = [ceiling](const std::vector<double>& speeds) {
      return ceiling > 0 ? 100 * median(speeds) / ceiling : 0;
    };
    std::printf("  radius %2d  rows %6.1f /ns, %4.0f %%  columns %6.1f /ns, %4.0f %%  of %6.1f\n",
                taps.radius, median(series.rows), share(series.rows), median(series.columns),
                share(series.columns), ceiling);
  }
}

}  // namespace
}  // namespace bundle_match::bench

int main(int argc, char** argv) {
  const int repeats = argc > 1 ? std::atoi(argv[1]) : 15;
  for (const auto& variant : bundle_match::features::sift::variants()) {
    if (variant.supported() && variant.name != "plain") {
      bundle_match::bench::compare(variant, repeats);
    }
  }
  return 0;
}
