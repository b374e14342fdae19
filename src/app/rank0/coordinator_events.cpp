// Where the events of rank 0's loop come from.
// SPDX-License-Identifier: Apache-2.0
#include "process/signals.hpp"
#include "rank0/coordinator.hpp"
#include "worker/reference_file.hpp"

#include <utility>

namespace bundle_match::app {
namespace {

// So many messages at most between two looks at everything else.
constexpr int kMostMessages = 1000;

}  // namespace

bool Coordinator::take_messages() {
  bool any = false;
  for (int i = 0; i < kMostMessages; ++i) {
    auto from = link_.try_receive_from_worker();
    if (!from) {
      break;
    }
    if (auto* const message = std::get_if<WorkerMessage>(&from->message)) {
      if (const auto* const goodbye = std::get_if<Goodbye>(message)) {
        ranks_.at(from->rank).longest_pause_ms = static_cast<double>(goodbye->longest_pause_ms);
      }
      handle(checked(from->rank, std::move(*message)));
    } else {
      handle(machine::RankTalksNonsense{from->rank,
                                        std::get<transport::Malformed>(from->message).why});
    }
    any = true;
  }
  for (const Rank rank : link_.take_failed_ranks()) {
    handle(machine::RankDied{rank});
    any = true;
  }
  return any;
}

// What comes from a rank is believed only if it can be the result of what the rank was given.
machine::RunEvent Coordinator::checked(Rank rank, WorkerMessage message) const {
  if (const auto* const result = std::get_if<OrderResult>(&message)) {
    if (const auto task = machine_.scheduler().find(rank, result->order)) {
      if (auto why = why_invalid(*result, stage_->orders->work(*task), input_.command.match)) {
        return machine::RankTalksNonsense{rank, std::move(*why)};
      }
    }
  }
  return machine::FromRank{rank, std::move(message)};
}

bool Coordinator::take_peer_messages() {
  bool any = false;
  for (int i = 0; i < kMostMessages; ++i, any = true) {
    auto from = link_.try_receive_from_peer();
    if (!from) {
      break;
    }
    own_.deliver(from->rank, std::move(from->message));
  }
  return any;
}

bool Coordinator::take_refused_orders() {
  bool any = false;
  for (; !refused_.empty(); any = true) {
    RefusedOrder refused = std::move(refused_.front());
    refused_.pop_front();
    handle(machine::FromRank{refused.rank, std::move(refused.result)});
  }
  return any;
}

bool Coordinator::take_own_messages() {
  bool any = false;
  for (; !own_messages_.empty(); any = true) {
    WorkerMessage message = std::move(own_messages_.front());
    own_messages_.pop_front();
    handle(checked(kRank0, std::move(message)));
  }
  return any;
}

bool Coordinator::take_read_files() {
  bool any = false;
  if (auto unreadable = sender_.send_read_files(
          [this](Rank rank) { return machine_.scheduler().is_lost(rank); })) {
    handle(machine::FromRank{unreadable->rank, std::move(unreadable->result)});
    any = true;
  }
  return any;
}

bool Coordinator::take_sink_events() {
  bool any = false;
  while (auto event = sink_.try_event()) {
    if (auto* const stage = std::get_if<OpenedStage>(&*event)) {
      open(std::move(*stage));
    } else if (auto* const made = std::get_if<MadeReferences>(&*event)) {
      stage_->references = std::move(made->references);
      monitor_->references_made();
      handle(machine::ReferencesMade{share_file(stage_->references->get())});
    } else if (auto* const stored = std::get_if<machine::Stored>(&*event)) {
      handle(*stored);
    } else if (const auto* const noted = std::get_if<Noted>(&*event)) {
      send_suspect(noted->order);
    } else if (auto* const found = std::get_if<machine::LostFound>(&*event)) {
      handle(std::move(*found));
    } else if (auto* const over = std::get_if<machine::WorkOver>(&*event)) {
      handle(std::move(*over));
    } else if (auto* const written = std::get_if<machine::EndingWritten>(&*event)) {
      handle(std::move(*written));
    } else {
      handle(std::get<machine::SinkFailed>(std::move(*event)));
    }
    any = true;
  }
  return any;
}

void Coordinator::open(OpenedStage stage) {
  machine::StageOpened opened{
      std::move(stage.tasks), stage.needs_references_below, std::move(stage.lane_starts),
      stage.rank_0_alone,     stage.rank_0_helps,           {},
      stage.kept_images};
  if (stage.references) {
    opened.references = share_file(stage.references->get());
  } else if (stage_) {
    stage.references = stage_->references;  // those that ranks have, or are being given
  }
  stage_ = std::move(stage);
  stage_start_ = now_;
  last_result_ = stage_start_;
  monitor_.emplace(machine_.scheduler(), *stage_, ranks_, console_, progress_,
                   input_.command.progress_detail);
  handle(std::move(opened));
}

bool Coordinator::take_background_events() {
  bool any = false;
  while (auto event = background_.try_answer()) {
    handle(std::move(*event));
    any = true;
  }
  return any;
}

bool Coordinator::take_read_pieces() {
  bool any = false;
  while (auto read = pieces_.try_answer()) {
    send(std::move(*read));
    any = true;
  }
  return any;
}

void Coordinator::take_signals() {
  if (end_requested()) {
    handle(machine::EndAsked{});
  }
}

}  // namespace bundle_match::app
