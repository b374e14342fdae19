// Counts the memory that OpenCV's matrices take.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <opencv2/core/mat.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace bundle_match::test {

/// Counts matrices made while it lives, which must be gone before it is. For one thread.
class CountingAllocator final : public cv::MatAllocator {
 public:
  CountingAllocator() { cv::Mat::setDefaultAllocator(this); }
  ~CountingAllocator() override { cv::Mat::setDefaultAllocator(cv::Mat::getStdAllocator()); }
  CountingAllocator(const CountingAllocator&) = delete;
  CountingAllocator& operator=(const CountingAllocator&) = delete;

  /// The most bytes that were allocated at one time.
  [[nodiscard]] std::uint64_t peak_bytes() const { return peak_; }

  cv::UMatData* allocate(int dims, const int* sizes, int type, void* data, std::size_t* step,
                         cv::AccessFlag flags, cv::UMatUsageFlags usage) const override {
    cv::UMatData* memory =
        cv::Mat::getStdAllocator()->allocate(dims, sizes, type, data, step, flags, usage);
    memory->currAllocator = memory->prevAllocator = this;
    now_ += memory->size;
    peak_ = std::max(peak_, now_);
    return memory;
  }
  bool allocate(cv::UMatData* memory, cv::AccessFlag flags,
                cv::UMatUsageFlags usage) const override {
    return cv::Mat::getStdAllocator()->allocate(memory, flags, usage);
  }
  void deallocate(cv::UMatData* memory) const override {
    if (memory != nullptr) {
      now_ -= memory->size;
    }
    cv::Mat::getStdAllocator()->deallocate(memory);
  }

 private:
  mutable std::uint64_t now_ = 0;
  mutable std::uint64_t peak_ = 0;
};

}  // namespace bundle_match::test
