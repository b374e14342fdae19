// Rank 0's loop.
// SPDX-License-Identifier: Apache-2.0
#include "rank0/coordinator.hpp"

#include "process/feature_place.hpp"

#include <utility>

namespace bundle_match::app {
namespace {

RankRecords records_of(const ById<Rank, std::string>& hosts) {
  RankRecords ranks(hosts.size());
  for (const Rank rank : hosts.ids()) {
    ranks[rank].host = hosts[rank];
  }
  return ranks;
}

}  // namespace

Coordinator::Coordinator(transport::Link& link, compute::ImageProcessor& processor,
                         const RunInput& input, Console& console, double rank_timeout_s,
                         std::chrono::steady_clock::time_point start)
    : link_(link),
      processor_(processor),
      input_(input),
      console_(console),
      progress_(console, input.command.progress, input.command.quiet),
      ranks_(records_of(input.hosts)),
      machine_({input.hosts,
                machine::from_seconds(rank_timeout_s),
                input.command.send_images,
                input.command.match.threads,
                {}},
               now_),
      own_(
          processor,
          {machine::Duration{}, kRank0, input.command.rank_0_takes_features(),
           feature_place(input.command.match)},
          [this](WorkerMessage message) { own_messages_.push_back(std::move(message)); },
          [this](Rank to, const PeerMessage& message) { link_.send_to_peer(to, message); }),
      sender_(link, input.command.send_images, input.command.match.mask_dir),
      sink_(input, console, start) {}

machine::Finish Coordinator::run() {
  while (!finish_) {
    now_ = Clock::now();
    pauses_.begin(now_);
    bool any = take_messages();
    any = take_peer_messages() || any;
    any = own_.step() || any;
    any = take_own_messages() || any;
    any = take_read_files() || any;
    any = take_refused_orders() || any;
    any = take_sink_events() || any;
    any = take_background_events() || any;
    any = take_read_pieces() || any;
    now_ = Clock::now();
    take_signals();
    handle(machine::Tick{});
    (void)take_own_messages();
    link_.flush();  // first: ranks wait for it
    sink_.flush();
    if (monitor_) {
      monitor_->look(machine_.working() && !machine_.end_asked());
    }
    pauses_.end(Clock::now());
    if (any) {
      backoff_.reset();
    } else if (!finish_) {
      processor_.wait(sender_.next_sleep(backoff_));
    }
  }
  link_.flush();
  return *finish_;
}

void Coordinator::handle(machine::RunEvent event) {
  actions_.clear();
  machine_.handle(now_, std::move(event), actions_);
  for (machine::RunAction& action : actions_) {
    std::visit([this](auto& it) { act(it); }, action);
  }
}

double Coordinator::stage_elapsed_s() const {
  return std::chrono::duration<double>(last_result_ - stage_start_).count();
}

}  // namespace bundle_match::app
