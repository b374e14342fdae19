// The kernels with AVX2 and FMA, 8 floats at a time. Compiled for these instructions: nothing but
// the table may have a name that the linker sees.
// SPDX-License-Identifier: Apache-2.0
#include "avx2_double_row.hpp"
#include "kernels.hpp"
#include "scalar_keypoint.hpp"
#include "scalar_math.hpp"
#include "variants.hpp"
#include "vector8.hpp"
#include "vector_blur.hpp"
#include "vector_descriptor.hpp"
#include "vector_rows.hpp"
#include "vector_samples.hpp"

namespace bundle_match::features::sift {
namespace {

// 16 registers: taps of large radii along x come from memory, four rows at a time along y.
constexpr KernelTable kTable = {
    double_row,
    blur_row_vectorized<Vector8, SideBySide<3>, SideBySide<4>, SharedPixels<8>>,
    blur_columns_vectorized<Vector8, 4>,
    subtract_rows<Vector8>,
    find_extrema<Vector8>,
    refine_extremum,
    orientations<Vector8>,
    describe<Vector8, PairShares<Vector8>>};

}  // namespace

const KernelTable& avx2_kernels() { return kTable; }

}  // namespace bundle_match::features::sift
