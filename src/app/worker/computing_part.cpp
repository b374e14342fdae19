// The machine's actions, done.
// SPDX-License-Identifier: Apache-2.0
#include "worker/computing_part.hpp"

#include "bundle_match/posix/cores.hpp"
#include "process/launch.hpp"

#include <chrono>
#include <system_error>
#include <utility>

namespace bundle_match::app {

namespace {

using Clock = std::chrono::steady_clock;

// So many events at most between two looks at everything else: with many short tasks, rank 0 hands
// out the next ones while the rest is still being done, and that many results still go as one
// message that MPI sends without asking the receiver first (about 4 KiB).
constexpr int kMostEvents = 16;

StoreFiles files_of(const features::FeatureStore& store) {
  StoreFiles files{share_file(store.memory_file()), std::nullopt};
  if (store.disk_file() >= 0) {
    files.disk = share_file(store.disk_file());
  }
  return files;
}

}  // namespace

ComputingPart::ComputingPart(compute::ImageProcessor& processor, Settings settings, Say say,
                             SayToPeer say_to_peer)
    : processor_(processor),
      say_(std::move(say)),
      say_to_peer_(std::move(say_to_peer)),
      store_(settings.place),
      machine_({settings.rank_0_timeout, settings.self, files_of(store_),
                settings.rank_0_takes_features},
               Clock::now()),
      references_(std::move(settings.place)) {}

void ComputingPart::deliver(CoordinatorMessage message) { handle(std::move(message)); }

void ComputingPart::deliver(Rank from, PeerMessage message) {
  handle(machine::PeerSaid{from, std::move(message)});
}

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

void ComputingPart::act(machine::Submit& action) {
  processor_.submit(std::move(action.order), std::move(action.stored));
}

void ComputingPart::act(const machine::TakeFilePiece& action) { processor_.receive(action.piece); }

void ComputingPart::act(const machine::TakePiece& action) {
  take(references_.append(action.piece));
}

void ComputingPart::act(const machine::OpenElsewhere& action) {
  take(references_.open(action.file));
}

void ComputingPart::act(const machine::UseCores& action) { processor_.use_cores(action.lent); }

void ComputingPart::act(machine::SendToPeer& action) {
  say_to_peer_(action.to, std::move(action.message));
}

void ComputingPart::act(const machine::AppendFeatures& action) {
  try {
    handle(machine::FeaturesAppended{action.number, store_.append(action.features)});
  } catch (const std::system_error& error) {
    handle(machine::FeaturesNotAppended{error.what()});
  }
}

void ComputingPart::act(const machine::ReadAndSend& action) {
  if (auto features = store_.read(action.home.stored)) {
    say_to_peer_(action.to, FeatureBytes{action.home, std::move(*features)});
  } else {
    handle(machine::FeaturesUnreadable{action.to, action.home});
  }
}

// The files stay open in the processor, also once their owner is gone.
void ComputingPart::act(const machine::UseStore& action) {
  const UniqueFd memory = open_shared_file(action.files.memory);
  const UniqueFd disk = action.files.disk ? open_shared_file(*action.files.disk) : UniqueFd();
  const bool is_open = memory.valid() && (!action.files.disk || disk.valid());
  if (is_open) {
    processor_.use_store(memory.get(), disk.get());
  }
  handle(machine::StoreOpened{action.keeper, is_open});
}

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
