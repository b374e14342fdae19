// A run's machine and what it wants, for tests that tell a story: event by event, on a made-up
// clock.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/scheduler.hpp"
#include "bundle_match/machine/run_machine.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace bundle_match::machine::test {

using std::chrono::milliseconds;
using std::chrono::seconds;

using Actions = std::vector<RunAction>;

/// Those of one kind, in order.
template <class Action>
[[nodiscard]] std::vector<Action> all(const Actions& actions) {
  std::vector<Action> found;
  for (const RunAction& action : actions) {
    if (const auto* const it = std::get_if<Action>(&action)) {
      found.push_back(*it);
    }
  }
  return found;
}

template <class Action>
[[nodiscard]] std::size_t count(const Actions& actions) {
  return all<Action>(actions).size();
}

/// Whom a message of that kind is sent to.
template <class Message>
[[nodiscard]] std::vector<Rank> told(const Actions& actions) {
  std::vector<Rank> ranks;
  for (const Send& send : all<Send>(actions)) {
    if (std::holds_alternative<Message>(send.message)) {
      ranks.push_back(send.rank);
    }
  }
  return ranks;
}

[[nodiscard]] inline std::vector<Assignment> handed_out(const Actions& actions) {
  std::vector<Assignment> assignments;
  for (const HandOut& it : all<HandOut>(actions)) {
    assignments.push_back({it.rank, it.order, it.task});
  }
  return assignments;
}

[[nodiscard]] inline Assignment handed(Rank rank, std::uint64_t order, std::uint64_t task) {
  return {rank, OrderId(order), TaskId(task)};
}

/// Ordinary: 100 ms each, so that ranks get no more than two tasks at a time.
[[nodiscard]] inline OrderResult result_of(std::uint64_t order) {
  OrderResult result;
  result.order = OrderId(order);
  result.elapsed_ms.match = 100;
  return result;
}

[[nodiscard]] inline OrderResult not_found(std::uint64_t order) {
  OrderResult result = result_of(order);
  result.status = ImageStatus::unreadable;
  result.not_found = true;
  return result;
}

[[nodiscard]] inline StageOpened stage_of(std::uint64_t tasks) {
  StageOpened stage;
  for (std::uint64_t task = 0; task < tasks; ++task) {
    stage.tasks.emplace_back(task);
  }
  return stage;
}

class RunStory {
 public:
  explicit RunStory(std::vector<std::string> hosts, Duration timeout = seconds(30),
                    Backlog::Bounds backlog = {})
      : machine_({ById<Rank, std::string>(std::move(hosts)), timeout, false, 1, backlog}, now_) {}

  Actions tell(RunEvent event) {
    Actions actions;
    machine_.handle(now_, std::move(event), actions);
    return actions;
  }
  Actions say(Rank rank, WorkerMessage message) { return tell(FromRank{rank, std::move(message)}); }
  /// Of several ranks, one after another.
  Actions all_say(std::initializer_list<Rank> ranks, const WorkerMessage& message) {
    Actions actions;
    for (const Rank rank : ranks) {
      machine_.handle(now_, FromRank{rank, message}, actions);
    }
    return actions;
  }

  void pass(Duration time) { now_ += time; }
  /// Looks at the time so often until it has passed.
  Actions pass_looking(Duration time, Duration every) {
    Actions actions;
    for (const Time until = now_ + time; now_ < until;) {
      now_ += every;
      machine_.handle(now_, Tick{}, actions);
    }
    return actions;
  }

  /// The ranks have started, and the stage is open.
  Actions open(std::initializer_list<Rank> ranks, StageOpened stage) {
    Actions actions = all_say(ranks, Hello{});
    for (RunAction& action : tell(std::move(stage))) {
      actions.push_back(std::move(action));
    }
    return actions;
  }

  [[nodiscard]] const RunMachine& machine() const { return machine_; }

 private:
  Time now_;
  RunMachine machine_;
};

}  // namespace bundle_match::machine::test
