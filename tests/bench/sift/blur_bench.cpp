// How near SIFT's blurs come to what the core can do: blur_bench [REPEATS]. Each pass of each
// filter that the default options need, over rows in the first- and second-level cache, beside
// bare multiply-adds of the same width. Prints medians.
// SPDX-License-Identifier: Apache-2.0
#include "kernels.hpp"
#include "measure.hpp"
#include "pyramid_plan.hpp"
#include "variants.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
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

#if defined(__x86_64__)
constexpr int kAccumulators = 12;  // two a cycle at a latency of up to 6 cycles
constexpr int kLoops = 200'000;

#define BUNDLE_MATCH_BARE_LOOP(REGISTER)                                                        \
  for (int i = 0; i < kLoops; ++i) {                                                            \
    __asm__ volatile(".irp r,2,3,4,5,6,7,8,9,10,11,12,13\nvfmadd231ps %%" REGISTER              \
                     "0, %%" REGISTER "1, %%" REGISTER "\\r\n.endr"                             \
                     :                                                                          \
                     :                                                                          \
                     : "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", \
                       "xmm11", "xmm12", "xmm13");                                              \
  }                                                                                             \
  __asm__ volatile("vzeroupper")

void bare_256() { BUNDLE_MATCH_BARE_LOOP("ymm"); }
void bare_512() { BUNDLE_MATCH_BARE_LOOP("zmm"); }

/// Multiply-adds of single floats in a nanosecond; 0: not known.
double ceiling_of(std::string_view kernels) {
  const bool wide = kernels == "avx512";
  if (!wide && kernels != "avx2") {
    return 0;
  }
  const double ms = time_of(wide ? bare_512 : bare_256).cpu_ms;
  return static_cast<double>(kLoops) * kAccumulators * (wide ? 16 : 8) / (ms * 1e6);
}
#else
double ceiling_of(std::string_view /*kernels*/) { return 0; }
#endif

class Rows {
 public:
  Rows() : floats_(kRows * kStride, 1.0F) {
    for (int y = 0; y < kRows; ++y) {
      rows_.push_back(floats_.data() + y * kStride + kRowSlack);
    }
  }
  [[nodiscard]] float* const* all() { return rows_.data(); }

 private:
  static constexpr std::ptrdiff_t kStride = kWidth + 2 * kRowSlack;

  std::vector<float> floats_;
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
