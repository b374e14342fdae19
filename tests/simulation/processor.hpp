// The simulated processor of a rank: a supervisor of processes, and what carries out its actions.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/machine/process_supervisor.hpp"
#include "bundle_match/machine/worker_machine.hpp"
#include "compute_process.hpp"
#include "judge.hpp"
#include "network.hpp"
#include "processor_judge.hpp"
#include "world_base.hpp"

#include <cstdint>
#include <utility>
#include <vector>

namespace bundle_match::simulation {

class Processor {
 public:
  Processor(WorldBase& base, Judge& judge, Rank rank);
  Processor(const Processor&) = delete;
  Processor& operator=(const Processor&) = delete;

  /// Starts the first process.
  void start();
  void submit(Order order);
  /// The set of references is there.
  void use_references();
  /// An event of its process or of the fork server, who go on when the rank stands still.
  void step(const Event& event);
  /// The event process_word: the rank hears what came of it.
  void hear(const Event& event);
  void look_at_time() { tell(machine::TimePassed{}); }

  /// Orders that wait for references, if all do.
  [[nodiscard]] std::uint32_t waiting() const {
    return orders_.size() == supervisor_.waiting() ? static_cast<std::uint32_t>(orders_.size()) : 0;
  }

  /// Nothing can be computed any more.
  [[nodiscard]] bool failed() const { return failed_; }
  /// What the worker's machine is to be told.
  [[nodiscard]] std::vector<machine::WorkerEvent> take_events() {
    return std::exchange(events_, {});
  }

 private:
  void tell(machine::ProcessEvent event);
  void carry_out(const std::vector<machine::ProcessAction>& actions);

  void carry_out(const machine::StartProcess& start);
  void carry_out(const machine::EndProcess& end);
  void carry_out(const machine::SendOrder& send);
  void carry_out(const machine::DeliverReady& ready);
  void carry_out(const machine::DeliverResult& deliver);
  void carry_out(const machine::DeliverDeath& deliver);
  void carry_out(const machine::FailForGood& fail);

  WorldBase& base_;
  Judge& judge_;
  Rank rank_;
  ProcessorJudge processor_judge_;
  ComputeProcess process_;
  Channel<Word> words_;
  machine::ProcessSupervisor supervisor_;
  std::vector<Order> orders_;  // given, and not done yet
  std::vector<machine::WorkerEvent> events_;
  bool failed_ = false;
};

}  // namespace bundle_match::simulation
