// The stage that matches: every image with its references.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sink/ledger.hpp"
#include "sink/stage.hpp"

#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace bundle_match::app {

/// Which images of a run with references are references, too: they are described once. None if
/// thumbnails of images are wanted, for which they are read.
class ReferencesByPath {
 public:
  explicit ReferencesByPath(const RunInput& input);

  [[nodiscard]] std::optional<ReferenceIndex> find(ImageIndex image) const;

 private:
  const RunInput& input_;
  std::unordered_map<std::string_view, ReferenceIndex> by_path_;
};

/// Tasks are those of the run's plan.
class MatchOrders final : public StageOrders {
 public:
  MatchOrders(const RunInput& input, WorkPlan plan, Deaths deaths)
      : input_(input), plan_(std::move(plan)), deaths_(std::move(deaths)), described_(input) {}

  [[nodiscard]] Work work(TaskId task) const override;
  [[nodiscard]] std::uint32_t deaths(TaskId task) const override {
    return deaths_.of(plan_.task(task).image);
  }
  [[nodiscard]] std::string_view path(TaskId task) const override {
    return input_.path_of(plan_.task(task).image);
  }
  [[nodiscard]] std::size_t weight(TaskId task) const override {
    return plan_.among_images() ? plan_.task(task).references.size() : 1;
  }
  [[nodiscard]] bool counts_as_image(TaskId /*task*/) const override {
    return !plan_.among_images();
  }
  [[nodiscard]] bool counts_as_work(TaskId /*task*/) const override { return true; }

 private:
  const RunInput& input_;
  const WorkPlan plan_;
  const Deaths deaths_;
  const ReferencesByPath described_;
};

class MatchKeeper final : public StageKeeper {
 public:
  explicit MatchKeeper(Ledger& ledger) : ledger_(ledger) {}

  void begin(TaskId task) override;
  void process_died(TaskId task, const std::string& reason) override;
  void take(machine::Keep it) override;

 private:
  void keep_image(Rank rank, ImageIndex image, const ImageResult& result);
  void keep_pairs(ImageIndex image, const ImageResult& result, const ReferenceList& with);
  void tell_failure(ImageIndex image, const ImageResult& result, const ReferenceList& with) const;

  Ledger& ledger_;
};

}  // namespace bundle_match::app
