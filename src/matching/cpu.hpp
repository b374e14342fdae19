// The CPU features that the kernels need, as far as the operating system supports them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace bundle_match::matching::cpu {

// One function a kernel: all that its file is compiled for (see CMakeLists.txt).
[[nodiscard]] bool runs_avx2();
[[nodiscard]] bool runs_avx512vnni();
[[nodiscard]] bool runs_avx512vnni256();
[[nodiscard]] bool runs_avxvnni();
[[nodiscard]] bool runs_neon();
[[nodiscard]] bool runs_neon_dotprod();

}  // namespace bundle_match::matching::cpu
