// Stages that match, and describe on the way. With references: these are described, and every image
// is matched with them; ranks read and describe images while the references are still being
// described. Among images that are described: what is lost of that is described again.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/by_id.hpp"
#include "sink/describe_stage.hpp"
#include "sink/ledger.hpp"
#include "sink/match_stage.hpp"
#include "sink/stage.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace bundle_match::app {

/// Tasks of both kinds. Those of the run's plan, which have the smaller ids, need what the others
/// make.
class ReferenceStageOrders final : public StageOrders {
 public:
  explicit ReferenceStageOrders(const Ledger& ledger);

  [[nodiscard]] TaskId first_describing() const { return describing_.first(); }

  [[nodiscard]] Work work(TaskId task) const override { return of(task).work(task); }
  [[nodiscard]] std::uint32_t deaths(TaskId task) const override { return of(task).deaths(task); }
  [[nodiscard]] std::string_view path(TaskId task) const override { return of(task).path(task); }
  [[nodiscard]] std::size_t weight(TaskId task) const override { return of(task).weight(task); }
  [[nodiscard]] bool counts_as_image(TaskId task) const override {
    return of(task).counts_as_image(task);
  }
  [[nodiscard]] bool counts_as_work(TaskId task) const override {
    return of(task).counts_as_work(task);
  }
  [[nodiscard]] bool makes_references(TaskId task) const override {
    return task >= first_describing();
  }

 private:
  [[nodiscard]] const StageOrders& of(TaskId task) const {
    return makes_references(task) ? static_cast<const StageOrders&>(describing_) : matching_;
  }

  const MatchOrders matching_;
  const DescribeOrders describing_;
};

class ReferenceStageKeeper final : public StageKeeper {
 public:
  explicit ReferenceStageKeeper(Ledger& ledger);

  void begin(TaskId task) override { of(task).begin(task); }
  void process_died(TaskId task, const std::string& reason) override {
    of(task).process_died(task, reason);
  }
  void take(machine::Keep it) override;

  /// All references were described, whether they can be used or not.
  [[nodiscard]] bool all_described() const { return left_ == 0; }
  [[nodiscard]] DescribeKeeper& described() { return describing_; }

 private:
  // What its row says of an image that was described as a reference.
  struct Described {
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    std::string reason;
  };

  [[nodiscard]] bool makes_references(TaskId task) const { return task >= first_describing_; }
  [[nodiscard]] StageKeeper& of(TaskId task) {
    return makes_references(task) ? static_cast<StageKeeper&>(describing_) : matching_;
  }

  const ReferencesByPath references_;
  const TaskId first_describing_;
  DescribeKeeper describing_;
  MatchKeeper matching_;
  const Ledger& ledger_;
  ById<ReferenceIndex, Described> about_;
  std::size_t left_;
};

/// Images are matched that were described before. What was lost of their features with a rank is
/// described again, of which nothing is kept here.
class DescribedStageKeeper final : public StageKeeper {
 public:
  explicit DescribedStageKeeper(Ledger& ledger)
      : first_describing_(first_describing_task(ledger.work)), matching_(ledger), ledger_(ledger) {}

  void begin(TaskId task) override {
    if (!describes(task)) {
      matching_.begin(task);
    }
  }
  void process_died(TaskId task, const std::string& reason) override {
    if (!describes(task)) {
      matching_.process_died(task, reason);
    }
  }
  void take(machine::Keep it) override;

 private:
  [[nodiscard]] bool describes(TaskId task) const { return task >= first_describing_; }

  const TaskId first_describing_;
  MatchKeeper matching_;
  Ledger& ledger_;
};

}  // namespace bundle_match::app
