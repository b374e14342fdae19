// What simulated compute processes do, right and wrong.
// SPDX-License-Identifier: Apache-2.0
#include "compute_process.hpp"

#include "task_key.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace bundle_match::simulation {

void ComputeProcess::start(bool with_decoders) {
  ++generation_;
  runs_ = true;
  ended_ = false;
  ready_ = false;
  needs_ = machine::ProcessNeeds::nothing;
  has_decoders_ = with_decoders;
  orders_.clear();
  ask_fork_server(Request::start);
}

void ComputeProcess::end() {
  runs_ = false;
  ended_ = true;
  ask_fork_server(Request::end);
}

void ComputeProcess::ask_fork_server(Request request) {
  requests_.push_back(request);
  base_.after(base_.random.any_scale(base_.run.scale / 50'000, base_.run.scale / 100),
              Event::Kind::fork_server_reply, rank_);
}

void ComputeProcess::do_next_after(Duration delay) {
  base_.after(delay, Event::Kind::process_step, rank_, generation_);
}

std::optional<Word> ComputeProcess::step(const Event& event) {
  if (event.kind == Event::Kind::fork_server_reply) {
    return fork_server_replies();
  }
  if (event.number != generation_ || !runs_) {
    return std::nullopt;
  }
  if (!ready_) {
    return get_ready();
  }
  return trouble_ != Trouble::none ? make_trouble() : go_on();
}

Word ComputeProcess::fork_server_replies() {
  const Request request = requests_.front();
  requests_.pop_front();
  if (request == Request::end) {
    return {machine::ProcessEnded{needs_, "ended"}, {}, {}, {}, true, false};
  }
  if (fails_to_start()) {
    runs_ = false;
    return {machine::ProcessNotStarted{"could not be forked"}, {}, {}, {}, true, true};
  }
  do_next_after(base_.random.any_scale(base_.run.scale / 10'000, base_.run.scale / 20));
  return {machine::ProcessStarted{}, {}, {}, {}, true, false};
}

// Rank 0's computing part cannot do without.
bool ComputeProcess::fails_to_start() {
  return rank_ != kRank0 && base_.random.chance(base_.run.fails_to_start);
}

std::optional<Word> ComputeProcess::get_ready() {
  if (fails_to_start()) {
    Word word = die();
    word.failed_start = true;
    return word;
  }
  ready_ = true;
  if (!orders_.empty()) {
    begin();
  }
  return Word{machine::ProcessSaid{ProcessReady{}}, generation_, {}, {}, true, false};
}

void ComputeProcess::send(const Order& order, bool ahead) {
  orders_.push_back({order, ahead});
  if (ready_ && orders_.size() == 1) {
    begin();
  }
}

const TaskPlan& ComputeProcess::task_of(const Order& order) const {
  const TaskKey key = key_of(order.path);
  return base_.work.stages.at(key.stage).tasks.at(key.task);
}

Duration ComputeProcess::time_of(const TaskPlan& task) const {
  return Duration(
      1 + static_cast<Duration::rep>(task.takes * static_cast<double>(base_.run.scale.count())));
}

void ComputeProcess::begin() {
  const Sent& first = orders_.front();
  const TaskPlan& task = task_of(first.order);
  trouble_ = draw_trouble(task);
  pairs_left_ = first.ahead ? 0 : task.pairs;
  judge_.begun(first.order.id);
  if (trouble_ != Trouble::hangs) {
    do_next_after(time_of(task) / (task.pairs + 1));
  }
}

Trouble ComputeProcess::draw_trouble(const TaskPlan& task) {
  const OrderId order = orders_.front().order.id;
  auto it = std::find_if(tried_.begin(), tried_.end(),
                         [order](const Tried& tried) { return tried.order == order; });
  if (it == tried_.end()) {
    it = tried_.insert(tried_.end(), {order, 0});
  }
  ++it->times;
  Trouble trouble = it->times <= task.troubled ? task.trouble : Trouble::none;
  if (base_.random.chance(base_.run.troubled)) {
    trouble = static_cast<Trouble>(base_.random.below(kTroubles));
  }
  // Without a limit of time nothing ends a process that hangs.
  return trouble == Trouble::hangs && base_.run.task_limit == Duration::zero() ? Trouble::none
                                                                               : trouble;
}

Word ComputeProcess::make_trouble() {
  const Sent& first = orders_.front();
  Word word{{}, generation_, first.order.id, {}, true, false};
  switch (trouble_) {
    case Trouble::lies:
      word.event = draw_lie(base_.random, result_of(first.order), first.ahead);
      break;
    case Trouble::talks_nonsense:
      word.event = machine::ProcessSaidNonsense{"?"};
      break;
    case Trouble::wants_rest:
      word.event = die().event;
      word.loud = false;
      needs_ = machine::ProcessNeeds::fresh_memory;
      break;
    case Trouble::wants_decoders:
      word.event = die().event;
      needs_ = machine::ProcessNeeds::decoders;
      if (!has_decoders_) {
        word.blamed.reset();
      }
      break;
    default:
      word.event = die().event;
  }
  return word;
}

Word ComputeProcess::die() {
  runs_ = false;
  return {machine::ProcessClosed{}, generation_, {}, {}, true, false};
}

Word ComputeProcess::go_on() {
  const Sent first = orders_.front();
  const TaskPlan& task = task_of(first.order);
  if (pairs_left_ > 0) {
    --pairs_left_;
    do_next_after(time_of(task) / (task.pairs + 1));
    return {machine::ProcessSaid{StillComputing{}}, generation_, {}, first.order.id, true, false};
  }
  orders_.pop_front();
  if (!orders_.empty()) {
    begin();
  }
  return {machine::ProcessSaid{answer_to(first)}, generation_, {}, {}, true, false};
}

ComputeMessage ComputeProcess::answer_to(const Sent& sent) const {
  ComputeResult result = result_of(sent.order);
  if (sent.ahead && result.result.status == ImageStatus::ok) {
    return ImagePrepared{sent.order.id};
  }
  return result;
}

ComputeResult ComputeProcess::result_of(const Order& order) const {
  const TaskPlan& task = task_of(order);
  ComputeResult computed;
  OrderResult& result = computed.result;
  result.order = order.id;
  sign(result, key_of(order.path), rank_);
  result.elapsed_ms.match = std::chrono::duration<float, std::milli>(time_of(task)).count();
  if (((task.missing_on >> base_.run.of(rank_).host) & 1U) != 0) {
    result.status = ImageStatus::unreadable;
    result.not_found = true;
  } else if (task.pairs > 0) {
    MatchAnswer answer;
    answer.outcomes.resize(task.pairs);
    result.answer = std::move(answer);
  } else {
    const TaskKey key = key_of(order.path);
    const StagePlan& stage = base_.work.stages.at(key.stage);
    result.answer = DescribeAnswer{
        stage.kept == Kept::no
            ? std::string(task.answer_bytes, 'f')
            : features_of(ReferenceIndex(static_cast<std::uint32_t>(key.task - stage.dependents)))};
  }
  return computed;
}

}  // namespace bundle_match::simulation
