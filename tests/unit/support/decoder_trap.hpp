// Catches compute processes in the middle of an image, and lets the test decide what becomes of
// them. No hook in the product: compute processes are forked from the test, and so inherit its
// OpenCV allocator, which waits when an image of a certain width is about to be decoded.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <opencv2/core/mat.hpp>

#include <cstddef>
#include <sys/types.h>

namespace bundle_match::test {

/// To be made before the fork server, and to live longer.
class DecoderTrap final : public cv::MatAllocator {
 public:
  /// Grey images of this width are caught. (Prime: no level of another image's pyramid has it.)
  static constexpr int kWidth = 173;

  enum class Fate : char {
    go_on,
    segfault,
    exit_3,
    out_of_memory,         ///< std::bad_alloc
    opencv_out_of_memory,  ///< cv::Exception, StsNoMem
    opencv_error,          ///< cv::Exception that says "a decoder's complaint"
    complain,              ///< writes to standard error, then goes on
    talk_nonsense,         ///< writes to its rank what is no frame, then goes on
    change_files,  ///< tries to change every memory file in reach; exits with 3 if it could one
  };

  DecoderTrap();
  ~DecoderTrap() override;
  DecoderTrap(const DecoderTrap&) = delete;
  DecoderTrap& operator=(const DecoderTrap&) = delete;

  /// Waits until a process is caught. Its pid, or -1 if none was for a long time.
  [[nodiscard]] pid_t caught() const;
  /// Whether a process is caught that caught() has not returned yet.
  [[nodiscard]] bool has_caught() const;

  /// What becomes of the process that is caught, or of the next one.
  void release(Fate fate) const;

  cv::UMatData* allocate(int dims, const int* sizes, int type, void* data, std::size_t* step,
                         cv::AccessFlag flags, cv::UMatUsageFlags usage) const override;
  bool allocate(cv::UMatData* memory, cv::AccessFlag flags,
                cv::UMatUsageFlags usage) const override;
  void deallocate(cv::UMatData* memory) const override;

 private:
  struct Pipe {
    int read_end = -1;
    int write_end = -1;
  };

  static Pipe make_pipe();
  void spring() const;

  pid_t owner_;  // the test itself is never caught
  Pipe arrivals_;
  Pipe fates_;
};

}  // namespace bundle_match::test
