// Memory that is handed out piece by piece, taken back at once, and kept for the next image.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

namespace bundle_match::features::sift {

/// Pieces are aligned to 64 bytes. Large arenas ask for huge pages. What a piece holds at first is
/// not defined.
class Arena {
 public:
  Arena() = default;
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  Arena(Arena&&) = delete;
  Arena& operator=(Arena&&) = delete;

  [[nodiscard]] float* floats(std::size_t count);
  /// Pointers, for tables of rows.
  [[nodiscard]] const float** pointers(std::size_t count);
  /// Takes back every piece. From then on all memory is one block, of `bytes` at least.
  void reset(std::size_t bytes = 0);
  [[nodiscard]] std::size_t size_bytes() const;

 private:
  struct Block {
    std::byte* bytes;
    std::size_t size;
  };

  void* take(std::size_t bytes);
  void free_blocks();
  void add_block(std::size_t bytes);

  std::vector<Block> blocks_;
  std::size_t used_ = 0;  ///< of the last block
};

}  // namespace bundle_match::features::sift
