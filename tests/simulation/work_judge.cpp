// The rules for tasks, orders and results.
// SPDX-License-Identifier: Apache-2.0
#include "work_judge.hpp"

#include "bundle_match/machine/credit_meter.hpp"

#include <algorithm>
#include <utility>

namespace bundle_match::simulation {
namespace {

constexpr const char* kHandedOutRightly = "tasks are handed to ranks that can do them";
constexpr const char* kHandedOutOnce = "no task is handed out while another rank has it";
constexpr const char* kNothingInvented = "what is kept was computed by a rank that was handed it";
constexpr const char* kNothingLost = "a result that came in time is kept";
constexpr const char* kKeptOnce = "a result is kept once";
constexpr const char* kNoneAfterEnd = "nothing is handed out once the run was asked to end";
constexpr const char* kCredit = "no rank holds more than its credit";
constexpr const char* kBacklog = "nothing is handed out while the sink has too much";
constexpr const char* kMissing = "a missing file is looked for, and rank 0 helps";
constexpr const char* kNobodyIdles = "no rank idles while there is work for it";
constexpr const char* kStages = "a stage ends when all of it is kept";
constexpr const char* kFeatures = "an image is matched when the features that it needs are there";
constexpr const char* kOrder = "what needs references waits for its turn";

}  // namespace

WorkJudge::WorkJudge(const WorldBase& base, const RunFacts& facts)
    : base_(base),
      facts_(facts),
      held_(base.run.ranks.size()),
      is_separate_(base.run.ranks.size()) {
  if (base.work.keeps_features()) {
    images_.resize(base.work.stages.back().images());
  }
}

// The first rank of its host that is not lost, and shares; rank 0 if there is no other.
std::optional<Rank> WorkJudge::keeper_of(Rank rank) const {
  if (is_separate_.at(rank) != 0) {
    return facts_.of(rank).lost ? std::nullopt : std::optional(rank);
  }
  const unsigned host = base_.run.of(rank).host;
  const auto may_keep = [&](Rank other) {
    return base_.run.of(other).host == host && !facts_.of(other).lost && is_separate_[other] == 0;
  };
  for (const Rank other : worker_ranks(facts_.ranks.size())) {
    if (may_keep(other)) {
      return other;
    }
  }
  return may_keep(kRank0) ? std::optional(kRank0) : std::nullopt;
}

void WorkJudge::told(Rank rank, const CannotShareFeatures& cannot) {
  const bool is_true = base_.run.of(rank).in_container || base_.run.of(cannot.keeper).in_container;
  require(is_true, kFeatures, "a rank keeps for itself that need not");
  if (!facts_.of(rank).lost && keeper_of(rank) == cannot.keeper && !is_keeper(rank)) {
    is_separate_[rank] = 1;
  }
}

void WorkJudge::note_features(std::uint64_t task, const OrderResult& result) {
  const auto* const described = std::get_if<DescribeAnswer>(&result.answer);
  if (keeps_features() && !is_dependent(task) && described != nullptr && described->home) {
    const bool there = is_keeper(described->home->keeper);
    images_.at(task - facts_.stage->dependents) = {there ? described->home : std::nullopt, !there};
  }
}

void WorkJudge::lose(const FeatureHome& home) {
  for (ImageRecord& image : images_) {
    if (image.home == home) {
      image = {std::nullopt, true};
    }
  }
}

void WorkJudge::told(Rank rank, const LacksFeatures& lacks) {
  const OrderRecord* const found = find(lacks.order);
  if (found == nullptr || found->rank != rank || !found->held || facts_.of(rank).lost) {
    return;
  }
  for (const FeatureHome& home : lacks.homes) {
    lose(home);
  }
  OrderRecord& order = orders_[lacks.order.value()];
  order.held = false;
  --held_.at(rank);
  tasks_.at(order.key.task).taken = false;
  ++unassigned_;
}

void WorkJudge::told(const machine::LostFound& found) {
  --questions_;
  if (!facts_.stage_is_open) {
    return;
  }
  for (const TaskId task : found.tasks) {
    ImageRecord& image = images_.at(task.value() - facts_.stage->dependents);
    if (std::exchange(image.lost, false)) {
      tasks_.at(task.value()) = {};
      tasks_[task.value()].in_stage = true;
      ++unassigned_;
      ++independent_left_;
    }
  }
}

void WorkJudge::wanted(const machine::FindLost& find) {
  std::vector<ReferenceIndex> lost;
  for (std::uint32_t image = 0; image < images_.size(); ++image) {
    if (images_[image].lost) {
      lost.emplace_back(image);
    }
  }
  require(find.images == lost, kFeatures, "others are told to be lost");
  ++questions_;
}

void WorkJudge::check_features(std::uint64_t task) const {
  require(questions_ == 0, kFeatures, "it is not known yet what is lost");
  if (is_dependent(task)) {
    require(independent_left_ == 0, kFeatures, "some are being described");
    for (const std::uint32_t image : facts_.stage->needs.at(task)) {
      require(!images_.at(image).lost, kFeatures, "some are lost");
    }
  }
}

const WorkJudge::OrderRecord* WorkJudge::find(OrderId order) const {
  return order.value() < orders_.size() ? &orders_[order.value()] : nullptr;
}

WorkJudge::OrderRecord& WorkJudge::record(OrderId order, const char* invariant) {
  require(order.value() < orders_.size(), invariant, "there is no such order");
  return orders_[order.value()];
}

WorkJudge::TaskRecord& WorkJudge::task(TaskId id) {
  require(id.value() < tasks_.size() && tasks_[id.value()].in_stage, kHandedOutRightly,
          "it is no task of this stage, or was kept by an earlier run");
  return tasks_[id.value()];
}

void WorkJudge::told(const machine::StageOpened& stage) {
  tasks_.assign(facts_.stage->tasks.size(), {});
  unassigned_ = 0;
  reserved_ = 0;
  independent_left_ = 0;
  for (const TaskId task : stage.tasks) {
    TaskRecord& it = tasks_.at(task.value());
    it.in_stage = true;
    it.for_rank_0 = facts_.stage->rank_0_alone && !is_dependent(task.value());
    ++(it.for_rank_0 ? reserved_ : unassigned_);
    independent_left_ += is_dependent(task.value()) ? 0 : 1;
  }
  measured_ = 0;
  measured_ms_ = 0;
}

bool WorkJudge::sees_no_file(Rank rank, const OrderResult& result) const {
  return result.not_found && base_.run.of(rank).host != base_.run.of(kRank0).host;
}

void WorkJudge::told(Rank rank, const OrderResult& result) {
  const OrderRecord* const found = find(result.order);
  if (found == nullptr || found->rank != rank || !found->held || facts_.of(rank).lost) {
    return;
  }
  OrderRecord& order = orders_[result.order.value()];
  order.held = false;
  order.delivered = true;
  --held_.at(rank);
  independent_left_ -= is_dependent(order.key.task) ? 0 : 1;
  note_features(order.key.task, result);
  due_ = {Due::Kind::keep_or_look, result.order};
  if (!sees_no_file(rank, result)) {
    measure(result);
  }
}

void WorkJudge::measure(const OrderResult& result) {
  measured_ += result.elapsed_ms.total() > 0 ? 1 : 0;
  measured_ms_ += static_cast<double>(result.elapsed_ms.total());
}

void WorkJudge::told(Rank rank, const ProcessDied& died) {
  const OrderRecord* const order = find(died.order);
  if (order != nullptr && order->rank == rank && order->held && !facts_.of(rank).lost) {
    due_ = {Due::Kind::death, died.order};
  }
}

void WorkJudge::told(const machine::FileLookedFor& looked) {
  OrderRecord& order = record(looked.order, kMissing);
  order.file_found = looked.found;
  if (!facts_.stage_is_open) {
    return;
  }
  if (!looked.found || !rank_0_helps_with(order.key.task)) {
    due_ = {Due::Kind::keep, looked.order};
    return;
  }
  // Once the run is to end, the next one does it.
  TaskRecord& its_task = tasks_.at(order.key.task);
  its_task.taken = false;
  its_task.for_rank_0 = true;
  ++reserved_;
  independent_left_ += is_dependent(order.key.task) ? 0 : 1;
}

void WorkJudge::told(const machine::Stored& stored) {
  backlog_items_ -= stored.items;
  backlog_bytes_ -= stored.bytes;
  const machine::Backlog::Bounds& most = base_.run.backlog;
  if (backlog_items_ <= most.items / 2 && backlog_bytes_ <= most.bytes / 2) {
    backlog_was_full_ = false;
  }
}

void WorkJudge::told(const machine::WorkOver& /*over*/) { close_stage(); }

void WorkJudge::told(const machine::SinkFailed& /*failed*/) { close_stage(); }

// What needs references that will not be made is given up.
void WorkJudge::told(const machine::EndAsked& /*asked*/) {
  if (std::exchange(end_asked_, true) || !facts_.stage_is_open || independent_left_ == 0) {
    return;
  }
  for (OrderRecord& order : orders_) {
    if (order.held && is_dependent(order.key.task)) {
      order.held = false;
      --held_.at(*order.rank);
    }
  }
}

void WorkJudge::close_stage() {
  for (OrderRecord& order : orders_) {
    order.held = false;
  }
  std::fill(held_.begin(), held_.end(), 0);
  due_.reset();
}

void WorkJudge::wanted(const machine::HandOut& it) {
  require(facts_.stage_is_open, kHandedOutRightly, "no stage is open");
  require(!facts_.end_asked_at, kNoneAfterEnd, "a task is handed out");
  require(backlog_items_ < base_.run.backlog.items && backlog_bytes_ < base_.run.backlog.bytes,
          kBacklog, "a task is handed out");
  TaskRecord& its_task = task(it.task);
  if (keeps_features()) {
    check_features(it.task.value());
  }
  check_rank(it, its_task);
  require(!its_task.kept, kHandedOutOnce, "its result is kept");
  require(!its_task.taken, kHandedOutOnce, "another rank holds it");
  its_task.taken = true;
  --(its_task.for_rank_0 ? reserved_ : unassigned_);
  require(it.order.value() >= orders_.size() || !orders_[it.order.value()].rank, kHandedOutOnce,
          "the order's number was used before");
  orders_.resize(std::max<std::size_t>(orders_.size(), it.order.value() + 1));
  OrderRecord& order = orders_[it.order.value()];
  order.rank = it.rank;
  order.key = {facts_.stages_opened - 1, it.task.value()};
  order.held = true;
  ++held_.at(it.rank);
  check_credit(it.rank, it.task);
}

void WorkJudge::check_rank(const machine::HandOut& it, const TaskRecord& its_task) const {
  const RankFacts& rank = facts_.of(it.rank);
  require(!rank.lost, kHandedOutRightly, "the rank is lost");
  require(rank.started, kHandedOutRightly, "the rank has not started");
  require(rank.has_references || !facts_.needs_references, kHandedOutRightly,
          "the rank has no references");
  require(it.rank == kRank0 || !its_task.for_rank_0, kMissing, "rank 0 was to do the task");
  if (is_dependent(it.task.value())) {
    for (std::uint64_t task = facts_.stage->dependents; task < tasks_.size(); ++task) {
      const TaskRecord& other = tasks_[task];
      require(
          !other.in_stage || other.kept || other.taken || (other.for_rank_0 && it.rank != kRank0),
          kOrder, "a task that it needs was to be handed out first");
    }
  }
}

std::size_t WorkJudge::held_dependents(Rank rank) const {
  return static_cast<std::size_t>(
      std::count_if(orders_.begin(), orders_.end(), [&](const OrderRecord& order) {
        return order.held && order.rank == rank && is_dependent(order.key.task);
      }));
}

void WorkJudge::check_credit(Rank rank, TaskId task) const {
  constexpr std::size_t kAtFirst = 2;
  std::size_t most = kAtFirst;
  if (measured_ > 0 && !base_.run.sends_files) {
    const double ahead =
        machine::CreditMeter::kWorkAhead_ms * static_cast<double>(measured_) / measured_ms_;
    most = 1 + static_cast<std::size_t>(
                   std::clamp(ahead, 1.0, static_cast<double>(machine::CreditMeter::kMostAhead)));
  }
  constexpr std::size_t kMostWaiting = 16;
  std::size_t held = held_.at(rank);
  if (!is_dependent(task.value())) {
    held -= held_dependents(rank);
  } else if (independent_left_ > 0) {
    most = base_.run.sends_files ? kAtFirst : kMostWaiting;
  }
  require(held <= most, kCredit, "a rank is given one more");
}

void WorkJudge::wanted(const machine::Keep& keep) {
  require(keep.came == base_.now, "a result is kept with the time when it came", "another time");
  const OrderRecord& order = record(keep.result.order, kNothingInvented);
  require(facts_.stage_is_open, kNothingInvented, "no stage is open");
  require(order.rank == keep.rank && order.key.task == keep.task.value() &&
              order.key.stage + 1 == facts_.stages_opened,
          kNothingInvented, "the order was another task, or another rank's");
  const bool by_process =
      keep.result.status != ImageStatus::crashed && keep.result.status != ImageStatus::timed_out;
  require(order.computed && (!by_process || (signed_task(keep.result) == order.key &&
                                             signed_rank(keep.result) == keep.rank)),
          kNothingInvented, "the result was computed for another task, or by another rank");
  require(order.delivered, kNothingInvented, "the result came too late");
  require(due_ && due_->kind != Due::Kind::death && due_->order == keep.result.order, kKeptOnce,
          "nothing was to be kept now");
  due_.reset();
  check_missing(keep, order);
  TaskRecord& its_task = task(keep.task);
  require(!its_task.kept, kKeptOnce, "the task's result was kept already");
  its_task.kept = true;
  its_task.taken = false;
  ++backlog_items_;
  backlog_bytes_ += size_bytes(keep.result);
  backlog_was_full_ |=
      backlog_items_ >= base_.run.backlog.items || backlog_bytes_ >= base_.run.backlog.bytes;
}

void WorkJudge::check_missing(const machine::Keep& keep, const OrderRecord& order) const {
  require(order.file_found.has_value() == sees_no_file(keep.rank, keep.result), kMissing,
          "a rank did not find a file, and rank 0 was not asked");
  require(order.file_found.value_or(false) == keep.rank_0_sees_file, kMissing,
          "it is said that rank 0 sees the file");
  require(!order.file_found.value_or(false) || !rank_0_helps_with(order.key.task), kMissing,
          "a file that rank 0 sees is kept as missing");
}

void WorkJudge::wanted(const machine::KeepDeath& death) {
  require(due_ && due_->kind == Due::Kind::death &&
              record(due_->order, kNothingInvented).key.task == death.task.value(),
          kNothingInvented, "no process has died of the task");
  due_.reset();
}

void WorkJudge::wanted(const machine::LookForFile& look) {
  OrderRecord& order = record(look.order, kMissing);
  require(due_ && due_->kind == Due::Kind::keep_or_look && due_->order == look.order &&
              !order.looked_for && order.key.task == look.task.value(),
          kMissing, "no rank has just not found it");
  order.looked_for = true;
  due_.reset();
}

void WorkJudge::wanted(const machine::OpenStage& /*open*/) const {
  require(std::all_of(tasks_.begin(), tasks_.end(),
                      [](const TaskRecord& it) { return it.kept || !it.in_stage; }) &&
              questions_ == 0,
          kStages, "the next stage is asked for too early");
}

void WorkJudge::wanted(const machine::AbandonStage& /*abandon*/) { close_stage(); }

void WorkJudge::wanted(const machine::DropRank& drop) {
  require(held_.at(drop.rank) == drop.tasks, kNothingLost,
          "another number of tasks is told to be handed to others");
  held_.at(drop.rank) = 0;
  if (is_keeper(drop.rank)) {
    for (ImageRecord& image : images_) {
      if (image.home && image.home->keeper == drop.rank) {
        image = {std::nullopt, true};
      }
    }
  }
  for (OrderRecord& order : orders_) {
    if (order.held && order.rank == drop.rank) {
      order.held = false;
      tasks_.at(order.key.task).taken = false;
      ++unassigned_;
    }
  }
}

void WorkJudge::settled() {
  require(!due_, kNothingLost, "it is forgotten");
  if (facts_.stage_is_open && !facts_.end_asked_at && !backlog_was_full_ && questions_ == 0) {
    check_nobody_idles();
  }
}

std::size_t WorkJudge::unassigned_independent() const {
  std::size_t left = 0;
  for (std::uint64_t task = facts_.stage->dependents; task < tasks_.size(); ++task) {
    left += tasks_[task].in_stage && !tasks_[task].taken && !tasks_[task].kept ? 1 : 0;
  }
  return left;
}

void WorkJudge::check_nobody_idles() const {
  for (const Rank rank : facts_.ranks.ids()) {
    const RankFacts& it = facts_.of(rank);
    const bool can = it.started && !it.lost && (it.has_references || !facts_.needs_references);
    // What needs features waits until all are there again.
    const bool only_independent = keeps_features() && independent_left_ > 0;
    const std::size_t left = only_independent ? unassigned_independent()
                                              : unassigned_ + (rank == kRank0 ? reserved_ : 0);
    require(!can || left == 0 || held_.at(rank) > 0, kNobodyIdles, "a rank holds nothing");
  }
}

void WorkJudge::submitted(Rank rank, const Order& order, bool has_references) const {
  const OrderRecord* const sent = find(order.id);
  require(sent != nullptr && sent->rank == rank && sent->key == key_of(order.path),
          kHandedOutRightly, "a rank works on what it was not handed");
  bool needs_references = false;
  for (std::size_t stage = 0; stage <= sent->key.stage; ++stage) {
    const StagePlan& plan = base_.work.stages[stage];
    needs_references |= plan.set_bytes && (!plan.makes_set || stage < sent->key.stage);
  }
  require(has_references || !needs_references, kHandedOutRightly,
          "a rank works without the references");
}

void WorkJudge::computed(Rank rank, OrderId order) {
  OrderRecord& it = record(order, kNothingInvented);
  require(it.rank == rank, kNothingInvented, "a rank has computed another one's order");
  it.computed = true;
}

}  // namespace bundle_match::simulation
