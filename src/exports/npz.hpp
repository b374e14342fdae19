// Arrays as an npz file: a zip archive of npy files.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bundle_match::exports {

/// An array of numpy; row-major, native byte order. Nothing is copied.
struct NpyArray {
  std::string_view name;
  std::string type;                ///< of numpy, without the byte order: "f4", "u1", "b1", "S12"
  std::vector<std::size_t> shape;  ///< empty: a single value
  std::string_view bytes;          ///< as many as type and shape say
};

/// A single byte string. numpy has none of length 0, and drops NULs at the end.
[[nodiscard]] NpyArray npy_bytes(std::string_view name, std::string_view value);

/// The npy file, version 1.0 (numpy.lib.format).
[[nodiscard]] std::string npy_file(const NpyArray& array);

/// The npz file, not compressed; a function of the arrays alone. Throws std::runtime_error if
/// memory does not suffice.
[[nodiscard]] std::string npz_file(std::span<const NpyArray> arrays);

}  // namespace bundle_match::exports
