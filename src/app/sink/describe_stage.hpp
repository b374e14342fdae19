// The stage that describes: the features of all references or, if images are matched with each
// other, of all images.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/by_id.hpp"
#include "bundle_match/core/host_table.hpp"
#include "bundle_match/features/feature_set.hpp"
#include "bundle_match/posix/file_descriptor.hpp"
#include "process/feature_place.hpp"
#include "sink/ledger.hpp"
#include "sink/stage.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bundle_match::app {

/// Tasks stand behind those of the run's plan, one for each reference.
[[nodiscard]] inline TaskId first_describing_task(const WorkPlan& plan) {
  return TaskId(plan.task_count());
}
[[nodiscard]] inline TaskId describing_task(TaskId first, ReferenceIndex reference) {
  return TaskId(first.value() + reference.value());
}
[[nodiscard]] inline ReferenceIndex described_by(TaskId first, TaskId task) {
  return ReferenceIndex(static_cast<std::uint32_t>(task.value() - first.value()));
}

/// Why an image that was described cannot be a reference; nothing if it can.
[[nodiscard]] std::optional<std::string> why_no_reference(const ImageResult& described);

class DescribeOrders final : public StageOrders {
 public:
  /// `first`: first_describing_task() of the run's plan.
  DescribeOrders(const RunInput& input, Deaths deaths, TaskId first)
      : input_(input), deaths_(std::move(deaths)), first_(first) {}

  [[nodiscard]] TaskId first() const { return first_; }

  [[nodiscard]] Work work(TaskId /*task*/) const override { return DescribeWork{}; }
  [[nodiscard]] std::uint32_t deaths(TaskId task) const override {
    return input_.command.among_images() ? deaths_.of(image_of(described_by(first_, task))) : 0;
  }
  [[nodiscard]] std::string_view path(TaskId task) const override {
    return input_.path_of(described_by(first_, task));
  }
  [[nodiscard]] std::size_t weight(TaskId /*task*/) const override { return 1; }
  [[nodiscard]] bool counts_as_image(TaskId /*task*/) const override {
    return input_.command.among_images();
  }
  [[nodiscard]] bool counts_as_work(TaskId /*task*/) const override { return true; }

 private:
  const RunInput& input_;
  const Deaths deaths_;
  const TaskId first_;
};

class DescribeKeeper final : public StageKeeper {
 public:
  explicit DescribeKeeper(Ledger& ledger)
      : ledger_(ledger),
        first_(first_describing_task(ledger.work)),
        hosts_(ledger.input.hosts),
        makes_set_(!ledger.work.among_images() || ledger.resumed.chosen.any()),
        set_(ledger.input.references().size(), feature_place(ledger.input.command.match)),
        described_on_(ledger.work.among_images() ? ledger.work.images() : 0) {}

  void begin(TaskId task) override;
  void process_died(TaskId task, const std::string& reason) override;
  void take(machine::Keep it) override;

  /// Which of the references the task describes.
  [[nodiscard]] ReferenceIndex described_by(TaskId task) const {
    return app::described_by(first_, task);
  }
  /// References that cannot be used; each was named. None among images: they fail as such.
  [[nodiscard]] std::size_t unusable() const { return unusable_; }
  /// Of those described.
  [[nodiscard]] std::size_t features() const { return features_; }

  /// All that was described (features/feature_set.hpp); once, when all is. Among images only if
  /// pairs are chosen by it: else their features stay on the hosts.
  [[nodiscard]] UniqueFd make_set() { return set_.finish(); }
  /// Among images: the host that described each; nothing: none did.
  [[nodiscard]] const ById<ImageIndex, std::optional<HostIndex>>& described_on() const {
    return described_on_;
  }

 private:
  void take_image(Rank rank, ImageIndex image, const ImageResult& result);
  void take_reference(ReferenceIndex reference, const ImageResult& result);

  Ledger& ledger_;
  const TaskId first_;
  const HostTable hosts_;
  const bool makes_set_;
  features::FeatureSetBuilder set_;
  ById<ImageIndex, std::optional<HostIndex>> described_on_;
  std::size_t unusable_ = 0;
  std::size_t features_ = 0;
};

}  // namespace bundle_match::app
