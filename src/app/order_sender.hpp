// Orders on their way to the rank that is to carry them out, with the image's file where that is
// asked for.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/compute/image_processor.hpp"
#include "bundle_match/core/backoff.hpp"
#include "bundle_match/core/messages.hpp"
#include "bundle_match/core/scheduler.hpp"
#include "bundle_match/transport/link.hpp"
#include "file_reader.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace bundle_match::app {

class OrderSender {
 public:
  /// With `with_files`, orders to other ranks carry their image's file and its mask, looked for in
  /// `mask_dir`.
  OrderSender(transport::Link& link, compute::ImageProcessor& own_compute, bool with_files,
              const std::string& mask_dir);

  [[nodiscard]] bool sends_files() const { return file_reader_.has_value(); }

  void send(Rank rank, ImageOrder order);

  /// Sends the orders whose files were read by now, but to ranks that are lost; returns those whose
  /// files cannot be read.
  [[nodiscard]] std::vector<ReadOrder> send_read_files(const std::function<bool(Rank)>& is_lost);

  /// How long rank 0 may sleep if there is nothing to do.
  [[nodiscard]] std::chrono::microseconds next_sleep(Backoff& backoff) const;

 private:
  transport::Link& link_;
  compute::ImageProcessor& own_compute_;
  std::optional<FileReader> file_reader_;
};

}  // namespace bundle_match::app
