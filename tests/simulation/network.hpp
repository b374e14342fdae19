// The simulated link between rank 0 and the workers: messages of a pair of ranks arrive in order,
// each after a while of its own; some come a second time, some far too late, and those of a rank
// that is gone never.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/by_id.hpp"
#include "bundle_match/core/peer_messages.hpp"
#include "bundle_match/core/rank_messages.hpp"
#include "world_base.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace bundle_match::simulation {

/// Messages from one rank to another, or from a thread to another.
template <class Message>
class Channel {
 public:
  /// Returns the number of the message. It arrives at `arrival`, or with the one before.
  std::uint64_t push(Time& arrival, Message message) {
    arrival = std::max(arrival, last_arrival_);
    last_arrival_ = arrival;
    messages_.push_back(std::move(message));
    return first_number_ + messages_.size() - 1;
  }
  /// Nothing if it was dropped. Messages are taken by number, in order.
  std::optional<Message> take(std::uint64_t number) {
    if (number < first_number_ || messages_.empty()) {
      return std::nullopt;
    }
    ++first_number_;
    std::optional<Message> message(std::move(messages_.front()));
    messages_.pop_front();
    return message;
  }
  void drop_all() {
    first_number_ += messages_.size();
    messages_.clear();
  }

 private:
  std::deque<Message> messages_;
  std::uint64_t first_number_ = 0;
  Time last_arrival_;
};

class Network {
 public:
  explicit Network(WorldBase& base)
      : base_(base),
        to_worker_(base.run.ranks.size()),
        to_rank_0_(base.run.ranks.size()),
        to_peers_(base.run.ranks.size(), ById<Rank, Channel<PeerMessage>>(base.run.ranks.size())),
        met_(base.run.ranks.size(), ById<Rank, char>(base.run.ranks.size())) {}

  /// From a rank to another, which is not rank 0 talking to itself. Some come twice.
  void send_to_peer(Rank from, Rank to, const PeerMessage& message) {
    if (from != kRank0 && to != kRank0 && to < from && met_[to][from] == 0) {
      throw Violation{"of two ranks the smaller one speaks first", "it does not"};
    }
    const int times = base_.random.chance(base_.run.repeated) ? 2 : 1;
    for (int i = 0; i < times; ++i) {
      Time arrival = base_.now + base_.random.duration(Duration(1), base_.run.longest_delay);
      const std::uint64_t number = to_peers_[from][to].push(arrival, message);
      base_.events.add(arrival, Event::Kind::message_to_peer, to,
                       number * kMostRanks + static_cast<std::uint64_t>(from.value()));
    }
  }
  std::optional<std::pair<Rank, PeerMessage>> arrived_at_peer(const Event& event) {
    const Rank from(static_cast<int>(event.number % kMostRanks));
    auto message = to_peers_[from][event.rank].take(event.number / kMostRanks);
    if (!message) {
      return std::nullopt;
    }
    met_[from][event.rank] = 1;
    return std::pair(from, std::move(*message));
  }

  void send(Rank worker, CoordinatorMessage message) {
    send(to_worker_.at(worker), repeated_to_worker_, worker, std::move(message),
         Event::Kind::message_to_worker, Event::Kind::repeated_to_worker);
  }
  void send_to_rank_0(Rank worker, WorkerMessage message) {
    send(to_rank_0_.at(worker), repeated_to_rank_0_, worker, std::move(message),
         Event::Kind::message_to_rank_0, Event::Kind::repeated_to_rank_0);
  }

  std::optional<CoordinatorMessage> arrived_at_worker(const Event& event) {
    return event.kind == Event::Kind::message_to_worker
               ? to_worker_.at(event.rank).take(event.number)
               : std::optional(repeated_to_worker_[event.number]);
  }
  std::optional<WorkerMessage> arrived_at_rank_0(const Event& event) {
    return event.kind == Event::Kind::message_to_rank_0
               ? to_rank_0_.at(event.rank).take(event.number)
               : std::optional(repeated_to_rank_0_[event.number]);
  }

  void drop_messages_to(Rank worker) { to_worker_.at(worker).drop_all(); }
  void drop_messages_from(Rank worker) { to_rank_0_.at(worker).drop_all(); }
  void drop_messages_to_peers(Rank from) {
    for (Channel<PeerMessage>& channel : to_peers_.at(from)) {
      channel.drop_all();
    }
  }

 private:
  static constexpr std::uint64_t kMostRanks = 64;

  // An order that comes twice is computed twice, which harms nobody; processors are not made for
  // it.
  static bool may_come_twice(const CoordinatorMessage& message) {
    return !std::holds_alternative<Order>(message);
  }
  static bool may_come_twice(const WorkerMessage& /*message*/) { return true; }

  template <class Message>
  void send(Channel<Message>& channel, std::vector<Message>& repeated, Rank worker, Message message,
            Event::Kind kind, Event::Kind kind_again) {
    const RunPlan& run = base_.run;
    Random& random = base_.random;
    Time arrival = base_.now + random.duration(Duration(1), run.longest_delay);
    const bool far = worker != kRank0;  // what rank 0 says to itself takes no network
    if (far && random.chance(run.far_too_late)) {
      arrival += random.duration(run.timeout, 3 * run.timeout);
    }
    const bool again = far && may_come_twice(message) && random.chance(run.repeated);
    if (again) {
      repeated.push_back(message);
    }
    const std::uint64_t number = channel.push(arrival, std::move(message));
    base_.events.add(arrival, kind, worker, number);
    if (again) {
      base_.events.add(arrival + random.any_scale(run.longest_delay, 2 * run.scale), kind_again,
                       worker, repeated.size() - 1);
    }
  }

  WorldBase& base_;
  ById<Rank, Channel<CoordinatorMessage>> to_worker_;
  ById<Rank, Channel<WorkerMessage>> to_rank_0_;
  ById<Rank, ById<Rank, Channel<PeerMessage>>> to_peers_;  // from, to
  ById<Rank, ById<Rank, char>> met_;                       // a message has arrived: from, to
  std::vector<CoordinatorMessage> repeated_to_worker_;
  std::vector<WorkerMessage> repeated_to_rank_0_;
};

}  // namespace bundle_match::simulation
