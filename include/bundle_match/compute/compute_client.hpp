// A rank's side of its compute process: gives orders, takes reports, and turns crashes and
// time-outs into reports too.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/compute/fork_server.hpp"
#include "bundle_match/core/messages.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace bundle_match::compute {

/// Every order gets exactly one report with a result, in order, whatever happens to the compute
/// process; before it there may be one that says that a process died of the image. All calls throw
/// std::runtime_error if the fork server is gone or compute processes cannot start.
class ComputeClient {
 public:
  /// Starts a compute process for the job. Both referenced objects must outlive this one.
  ComputeClient(ForkServer& fork_server, const Job& job);
  ~ComputeClient();
  ComputeClient(const ComputeClient&) = delete;
  ComputeClient& operator=(const ComputeClient&) = delete;

  /// The matching kernel the compute process uses; waits for it to have started.
  [[nodiscard]] const std::string& kernel();

  /// The kernels of SIFT it uses, or "opencv". Waits like kernel().
  [[nodiscard]] const std::string& sift();

  /// Why compute processes are not confined although the options ask for it; empty if they are, or
  /// need not be. Waits like kernel().
  [[nodiscard]] std::string sandbox_warning();

  /// Queues an image; returns at once.
  void submit(ImageOrder order);

  /// Images submitted and not reported yet.
  [[nodiscard]] std::size_t outstanding() const;

  /// The next report, if there is one; never waits.
  [[nodiscard]] std::optional<ImageReport> try_report();

  /// Sleeps until try_report is worth a call or the time is over.
  void wait(std::chrono::microseconds at_most) const;

  /// The descriptors of an image; waits for them. Only while nothing is outstanding.
  [[nodiscard]] ReferenceReport describe(const std::string& path);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bundle_match::compute
