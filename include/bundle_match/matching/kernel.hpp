// The list of matching kernels. Detection, --kernel, --help, tests and benchmarks all read this one
// list.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/matching/descriptors.hpp"
#include "bundle_match/matching/distances.hpp"
#include "bundle_match/matching/matcher.hpp"

#include <memory>
#include <span>
#include <string_view>

namespace bundle_match::matching {

/// One implementation of the contracts in matcher.hpp and distances.hpp.
struct Kernel {
  std::string_view name;         ///< after its instruction set, e.g. "avx2"
  std::string_view description;  ///< one line for --help
  /// Whether this CPU has, and this operating system saves, all that the kernel uses.
  bool (*supported)();
  /// A matcher for these query descriptors (copied). Only to be called if supported().
  std::unique_ptr<Matcher> (*make_matcher)(DescriptorView query);
  /// Distances from these vectors (copied), likewise.
  std::unique_ptr<Distances> (*make_distances)(VectorView rows);
};

/// All kernels of this build, likely best first; the last one is the plain reference, always
/// supported.
[[nodiscard]] std::span<const Kernel> kernels();

/// The kernel of that name, or nullptr.
[[nodiscard]] const Kernel* find_kernel(std::string_view name);

/// The kernel that is fastest on this CPU, by a trial of a few milliseconds at the first call; all
/// give the same result. Safe to call from any thread.
[[nodiscard]] const Kernel& fastest_kernel();

}  // namespace bundle_match::matching
