// The kernels with AVX-512 (F, BW, DQ, VL), 16 floats at a time. Compiled for these instructions:
// nothing but the table may have a name that the linker sees.
// SPDX-License-Identifier: Apache-2.0
#include "kernels.hpp"
#include "scalar_keypoint.hpp"
#include "scalar_math.hpp"
#if defined(__GNUC__) && !defined(__clang__)
// GCC 12 takes the undefined pass-through operands of its own intrinsics for a mistake.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif

#include "avx2_double_row.hpp"
#include "avx512_shares.hpp"
#include "variants.hpp"
#include "vector16.hpp"
#include "vector_blur.hpp"
#include "vector_descriptor.hpp"
#include "vector_rows.hpp"
#include "vector_samples.hpp"

namespace bundle_match::features::sift {
namespace {

// 32 registers hold the taps along x and four sums, and eight rows at a time along y.
constexpr KernelTable kTable = {
    double_row,
    blur_row_vectorized<Vector16, SideBySide<4>, SideBySide<4>, SideBySide<4>>,
    blur_columns_vectorized<Vector16, 8>,
    subtract_rows<Vector16>,
    find_extrema<Vector16>,
    refine_extremum,
    orientations<Vector16>,
    describe<Vector16, LineShares>};

}  // namespace

const KernelTable& avx512_kernels() { return kTable; }

}  // namespace bundle_match::features::sift
