// Judges what becomes of tasks: who may be handed which, and which result is kept.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/by_id.hpp"
#include "facts.hpp"
#include "task_key.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace bundle_match::simulation {

class WorkJudge {
 public:
  WorkJudge(const WorldBase& base, const RunFacts& facts);

  void told(const machine::StageOpened& stage);
  void told(Rank rank, const OrderResult& result);
  void told(Rank rank, const ProcessDied& died);
  void told(Rank rank, const LacksFeatures& lacks);
  void told(Rank rank, const CannotShareFeatures& cannot);
  void told(const machine::LostFound& found);
  void told(const machine::FileLookedFor& looked);
  void told(const machine::Stored& stored);
  void told(const machine::WorkOver& over);
  void told(const machine::SinkFailed& failed);
  void told(const machine::EndAsked& asked);

  void wanted(const machine::HandOut& hand_out);
  void wanted(const machine::Keep& keep);
  void wanted(const machine::KeepDeath& death);
  void wanted(const machine::LookForFile& look);
  void wanted(const machine::FindLost& find);
  void wanted(const machine::OpenStage& open) const;
  void wanted(const machine::AbandonStage& abandon);
  void wanted(const machine::DropRank& drop);

  /// All actions of an event were seen.
  void settled();

  /// Orders that the rank has, as rank 0's machine should know.
  [[nodiscard]] std::size_t held(Rank rank) const { return held_.at(rank); }

  // What ranks really do.
  void submitted(Rank rank, const Order& order, bool has_references) const;
  void computed(Rank rank, OrderId order);

 private:
  struct OrderRecord {
    std::optional<Rank> rank;
    TaskKey key;
    bool held = false;
    bool delivered = false;  // its result was told while it was held
    bool looked_for = false;
    std::optional<bool> file_found;
    bool computed = false;
  };
  struct TaskRecord {
    bool in_stage = false;    // it was not kept before
    bool taken = false;       // a rank holds it, or its file is looked for
    bool for_rank_0 = false;  // no other rank sees its file
    bool kept = false;
  };
  // Of an image whose features hosts keep.
  struct ImageRecord {
    std::optional<FeatureHome> home;  // of a keeper that is not lost
    bool lost = false;                // and not being described again
  };
  struct Due {
    enum class Kind { keep, keep_or_look, death };
    Kind kind = Kind::keep;
    OrderId order;
  };

  [[nodiscard]] bool keeps_features() const { return facts_.stage->kept != Kept::no; }
  [[nodiscard]] std::optional<Rank> keeper_of(Rank rank) const;
  [[nodiscard]] bool is_keeper(Rank rank) const { return keeper_of(rank) == rank; }
  void note_features(std::uint64_t task, const OrderResult& result);
  void lose(const FeatureHome& home);
  void check_features(std::uint64_t task) const;
  [[nodiscard]] const OrderRecord* find(OrderId order) const;
  OrderRecord& record(OrderId order, const char* invariant);
  TaskRecord& task(TaskId id);
  void check_rank(const machine::HandOut& hand_out, const TaskRecord& task) const;
  void check_credit(Rank rank, TaskId task) const;
  void check_missing(const machine::Keep& keep, const OrderRecord& order) const;
  void measure(const OrderResult& result);
  void close_stage();
  [[nodiscard]] std::size_t unassigned_independent() const;
  void check_nobody_idles() const;
  [[nodiscard]] bool sees_no_file(Rank rank, const OrderResult& result) const;
  [[nodiscard]] bool is_dependent(std::uint64_t task) const {
    return facts_.stage->is_dependent(task);
  }
  [[nodiscard]] bool rank_0_helps_with(std::uint64_t task) const {
    return facts_.stage->rank_0_helps && !is_dependent(task);
  }
  [[nodiscard]] std::size_t held_dependents(Rank rank) const;

  const WorldBase& base_;
  const RunFacts& facts_;
  std::vector<OrderRecord> orders_;  // by number
  std::vector<TaskRecord> tasks_;    // of the stage
  ById<Rank, std::size_t> held_;
  std::optional<Due> due_;
  std::size_t backlog_items_ = 0;
  std::uint64_t backlog_bytes_ = 0;
  bool backlog_was_full_ = false;     // and has not enough room yet
  std::size_t unassigned_ = 0;        // tasks that any rank may be handed
  std::size_t reserved_ = 0;          // tasks that rank 0 alone can do
  std::size_t independent_left_ = 0;  // their results have not come
  bool end_asked_ = false;
  std::vector<ImageRecord> images_;
  ById<Rank, char> is_separate_;  // it keeps features for itself
  std::size_t questions_ = 0;     // what is lost, not answered
  std::size_t measured_ = 0;
  double measured_ms_ = 0;
};

}  // namespace bundle_match::simulation
