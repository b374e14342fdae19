// The simulated compute process of a rank, and the fork server that starts and ends it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/rank_messages.hpp"
#include "bundle_match/machine/process_events.hpp"
#include "processor_judge.hpp"
#include "world_base.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace bundle_match::simulation {

/// What a rank hears from its compute process or the fork server.
struct Word {
  machine::ProcessEvent event;
  std::optional<std::uint64_t> generation;  ///< of the process; nothing: the fork server says so
  std::optional<OrderId> blamed;  ///< the process dies of the order, or is taken for dead for it
  std::optional<OrderId> at;      ///< the order that the process is at, if it says that it lives
  bool loud = true;               ///< of a death: it is to be told
  bool failed_start = false;
};

class ComputeProcess {
 public:
  ComputeProcess(WorldBase& base, ProcessorJudge& judge, Rank rank)
      : base_(base), judge_(judge), rank_(rank) {}

  void start(bool with_decoders);
  void end();
  void send(const Order& order, bool ahead);

  /// An event of the process or the fork server. What it says, if it says anything.
  [[nodiscard]] std::optional<Word> step(const Event& event);
  /// Whether the rank still hears it.
  [[nodiscard]] bool is_heard(const Word& word) const {
    return !word.generation || (word.generation == generation_ && !ended_);
  }

 private:
  enum class Request { start, end };
  struct Tried {
    OrderId order;
    std::uint32_t times = 0;
  };
  struct Sent {
    Order order;
    bool ahead = false;
  };

  void ask_fork_server(Request request);
  [[nodiscard]] Word fork_server_replies();
  void do_next_after(Duration delay);
  [[nodiscard]] bool fails_to_start();
  [[nodiscard]] std::optional<Word> get_ready();
  void begin();
  [[nodiscard]] Trouble draw_trouble(const TaskPlan& task);
  [[nodiscard]] Word make_trouble();
  [[nodiscard]] Word go_on();
  [[nodiscard]] Word die();
  [[nodiscard]] ComputeResult result_of(const Order& order) const;
  [[nodiscard]] ComputeMessage answer_to(const Sent& sent) const;
  [[nodiscard]] Duration time_of(const TaskPlan& task) const;
  [[nodiscard]] const TaskPlan& task_of(const Order& order) const;

  WorldBase& base_;
  ProcessorJudge& judge_;
  Rank rank_;
  std::deque<Request> requests_;  // to the fork server, and not replied to yet
  std::vector<Tried> tried_;
  // Of the process that there is:
  std::uint64_t generation_ = 0;
  bool runs_ = false;   // it has not ended by itself
  bool ended_ = false;  // the rank has had it ended
  bool ready_ = false;
  machine::ProcessNeeds needs_ = machine::ProcessNeeds::nothing;
  bool has_decoders_ = false;
  std::deque<Sent> orders_;
  Trouble trouble_ = Trouble::none;  // with the first of them
  std::uint32_t pairs_left_ = 0;
};

/// Something that cannot be the answer to that order, whose result is `right`. `ahead`: its
/// references are not there yet.
[[nodiscard]] machine::ProcessEvent draw_lie(Random& random, ComputeResult right, bool ahead);

}  // namespace bundle_match::simulation
