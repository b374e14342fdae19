// The list of SIFT kernels, the fastest first, and the choice among them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace bundle_match::features::sift {

struct KernelTable;

/// One instruction set's kernels.
struct Variant {
  std::string_view name;  ///< after its instruction set
  bool (*supported)();    ///< by this CPU and operating system
  const KernelTable& (*table)();
};

/// Those of this build; the last one is the plain reference, always supported.
[[nodiscard]] std::span<const Variant> variants();

/// The variant of that name, or the best one if `name` is empty; nullptr if this build or CPU lacks
/// it.
[[nodiscard]] const Variant* find_variant(std::string_view name);

[[nodiscard]] const KernelTable& plain_kernels();
[[nodiscard]] const KernelTable& avx2_kernels();
[[nodiscard]] const KernelTable& avx512_kernels();
[[nodiscard]] const KernelTable& neon_kernels();

}  // namespace bundle_match::features::sift
