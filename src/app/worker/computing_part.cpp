// The machine's actions, done.
// SPDX-License-Identifier: Apache-2.0
#include "worker/computing_part.hpp"

#include "bundle_match/posix/cores.hpp"
#include "process/launch.hpp"

#include <chrono>
#include <utility>

namespace bundle_match::app {

namespace {

using Clock = std::chrono::steady_clock;

// So many events at most between two looks at everything else: with many short tasks, rank 0 hands
// out the next ones while the rest is still being done, and that many results still go as one
// message that MPI sends without asking the receiver first (about 4 KiB).
constexpr int kMostEvents = 16;

}  // namespace

ComputingPart::ComputingPart(compute::ImageProcessor& processor, machine::Duration rank_0_timeout,
                             Say say, features::FeatureSetPlace place)
    : processor_(processor),
      say_(std::move(say)),
      machine_(rank_0_timeout, Clock::now()),
      references_(std::move(place)) {}

void ComputingPart::deliver(CoordinatorMessage message) { handle(std::move(message)); }

bool ComputingPart::step() {
  int events = 0;
  for (; events < kMostEvents; ++events) {
    auto event = processor_.try_event();
    if (!event) {
      break;
    }
    handle(to_worker_event(std::move(*event)));
  }
  const std::size_t waiting = processor_.outstanding() == 0 ? processor_.waiting() : 0;
  handle(machine::WorkerTick{processor_.busy_behind(), static_cast<std::uint32_t>(waiting)});
  return events > 0;
}

machine::WorkerEvent ComputingPart::to_worker_event(compute::ProcessorEvent event) const {
  if (const auto* const ready = std::get_if<ProcessReady>(&event)) {
    return machine::ProcessorReady{
        {ready->kernel, ready->sift, processor_text(), ready->warning, allowed_cores()}};
  }
  if (auto* const result = std::get_if<OrderResult>(&event)) {
    return machine::ProcessorSaid{std::move(*result)};
  }
  return machine::ProcessorSaid{std::get<ProcessDied>(std::move(event))};
}

void ComputingPart::handle(machine::WorkerEvent event) {
  std::vector<machine::WorkerAction> actions;
  machine_.handle(Clock::now(), std::move(event), actions);
  for (machine::WorkerAction& action : actions) {
    std::visit([this](auto& it) { act(it); }, action);
  }
}

void ComputingPart::act(machine::Say& action) { say_(std::move(action.message)); }

void ComputingPart::act(const machine::SayGoodbye& /*action*/) {
  say_(Goodbye{processor_.take_problem(), static_cast<float>(longest_pause_ms_)});
}

void ComputingPart::act(machine::Submit& action) { processor_.submit(std::move(action.order)); }

void ComputingPart::act(const machine::TakeFilePiece& action) { processor_.receive(action.piece); }

void ComputingPart::act(const machine::TakePiece& action) {
  take(references_.append(action.piece));
}

void ComputingPart::act(const machine::OpenElsewhere& action) {
  take(references_.open(action.file));
}

void ComputingPart::act(const machine::UseCores& action) { processor_.use_cores(action.lent); }

void ComputingPart::act(const machine::EndLoop& /*action*/) { end_ = End::finalize; }
void ComputingPart::act(const machine::LeaveNow& /*action*/) { end_ = End::leave; }
void ComputingPart::act(const machine::GiveUp& /*action*/) { end_ = End::rank_0_silent; }

void ComputingPart::take(machine::ReferencesTaken taken) {
  if (taken.complete) {
    processor_.use_references(references_.descriptor());
  }
  handle(std::move(taken));
}

}  // namespace bundle_match::app
