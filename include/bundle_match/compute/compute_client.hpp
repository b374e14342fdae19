// A rank's side of its compute process: gives orders, takes reports, and turns crashes and
// time-outs into reports too.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/compute/fork_server.hpp"
#include "bundle_match/compute/image_processor.hpp"
#include "bundle_match/core/messages.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace bundle_match::compute {

/// An ImageProcessor by processes of its own: whatever happens to one, the rank lives on. All calls
/// throw std::runtime_error if the fork server is gone or compute processes cannot start.
class ComputeClient final : public ImageProcessor {
 public:
  /// Starts a compute process for the job. Both referenced objects must outlive this one.
  ComputeClient(ForkServer& fork_server, const Job& job);
  ~ComputeClient() override;
  ComputeClient(const ComputeClient&) = delete;
  ComputeClient& operator=(const ComputeClient&) = delete;

  [[nodiscard]] const std::string& kernel() override;
  [[nodiscard]] const std::string& sift() override;
  /// Why compute processes are not confined although the options ask for it.
  [[nodiscard]] std::string sandbox_warning() override;
  [[nodiscard]] std::string take_problem() override;
  void use_references(int file) override;
  void submit(ImageOrder order) override;
  [[nodiscard]] std::size_t outstanding() const override;
  [[nodiscard]] std::optional<ImageReport> try_report() override;
  void wait(std::chrono::microseconds at_most) const override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bundle_match::compute
