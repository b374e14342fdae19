// The list of kernels and the choice among them.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/matching/kernel.hpp"

#include "plain.hpp"

namespace bundle_match::matching {
namespace {

bool always() { return true; }

constexpr Kernel kKernels[] = {
    {"plain", "portable C++, the reference for the others", always, plain::make_matcher},
};

}  // namespace

std::span<const Kernel> kernels() { return kKernels; }

const Kernel* find_kernel(std::string_view name) {
  for (const Kernel& kernel : kernels()) {
    if (kernel.name == name) {
      return &kernel;
    }
  }
  return nullptr;
}

const Kernel& best_kernel() {
  for (const Kernel& kernel : kernels()) {
    if (kernel.supported()) {
      return kernel;
    }
  }
  return kernels().back();
}

}  // namespace bundle_match::matching
