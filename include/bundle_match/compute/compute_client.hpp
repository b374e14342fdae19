// An ImageProcessor by processes of its own: whatever happens to one, the rank lives on.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/compute/fork_server.hpp"
#include "bundle_match/compute/image_processor.hpp"
#include "bundle_match/core/rank_messages.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace bundle_match::compute {

/// Gives orders to a compute process, and turns crashes, time-outs and lies of it into results too
/// (machine/process_supervisor.hpp says how). Neither the constructor nor the destructor waits for
/// a process. Calls throw std::runtime_error if the fork server is gone, compute processes cannot
/// start, or there is no memory to hand over a file.
class ComputeClient final : public ImageProcessor {
 public:
  /// Asks for a compute process for the job. The fork server must outlive this object, and serve
  /// one at a time.
  ComputeClient(ForkServer& fork_server, const Job& job);
  /// Has the compute process ended. What is not written to the cache by now is dropped; an entry
  /// that is being written is waited for.
  ~ComputeClient() override;
  ComputeClient(const ComputeClient&) = delete;
  ComputeClient& operator=(const ComputeClient&) = delete;

  void use_references(int file) override;
  void use_store(int memory, int disk) override;
  void use_cores(const LentCores& lent) override;
  void receive(const FilePiece& piece) override;
  using ImageProcessor::submit;
  void submit(Order order, std::vector<StoredFeatures> stored) override;
  [[nodiscard]] std::size_t outstanding() const override;
  [[nodiscard]] std::size_t waiting() const override;
  [[nodiscard]] std::optional<ProcessorEvent> try_event() override;
  [[nodiscard]] bool busy_behind() const override;
  [[nodiscard]] std::string take_problem() override;
  void wait(std::chrono::microseconds at_most) const override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bundle_match::compute
