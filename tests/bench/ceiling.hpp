// The most multiply-adds/s that one core's instructions allow: loops of the bare instruction.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace bundle_match::bench {

/// A loop of one instruction on independent accumulators: no loads, no latency, nothing else.
struct Ceiling {
  std::string_view kernel;       ///< the kernel that is built on this instruction
  std::string_view instruction;  ///< with its width
  std::size_t multiply_adds;     ///< in one call of run()
  void (*run)();                 ///< only if that kernel is supported
};

/// Those known for this architecture; none but on x86-64: of matching's kernels, and of SIFT's.
[[nodiscard]] std::span<const Ceiling> ceilings();
[[nodiscard]] std::span<const Ceiling> float_ceilings();

}  // namespace bundle_match::bench
