// The stage that draws: pictures of pairs, and thumbnails, of images that are matched.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/by_id.hpp"
#include "output/picture_selection.hpp"
#include "sink/ledger.hpp"
#include "sink/stage.hpp"

#include <cstddef>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

namespace bundle_match::app {

/// Tasks are positions of pictures.
class DrawOrders final : public StageOrders {
 public:
  /// Each picture once, image by image, so that an image is decoded few times. Points that `kept`
  /// has of a pair are not computed again.
  DrawOrders(const RunInput& input, std::vector<PictureTask> pictures, PictureFormat format,
             Deaths deaths, const PictureKeeper& kept);

  [[nodiscard]] Work work(TaskId task) const override;
  [[nodiscard]] std::uint32_t deaths(TaskId task) const override {
    return deaths_.of(picture(task).image);
  }
  [[nodiscard]] std::string_view path(TaskId task) const override {
    return input_.path_of(picture(task).image);
  }
  [[nodiscard]] std::size_t weight(TaskId /*task*/) const override { return 1; }
  [[nodiscard]] bool counts_as_image(TaskId /*task*/) const override { return false; }
  [[nodiscard]] bool counts_as_work(TaskId /*task*/) const override { return false; }

  [[nodiscard]] std::size_t size() const { return pictures_.size(); }
  [[nodiscard]] IdRange<TaskId> tasks() const { return pictures_.ids(); }
  [[nodiscard]] const PictureTask& picture(TaskId task) const { return pictures_.at(task); }

 private:
  const RunInput& input_;
  ById<TaskId, PictureTask> pictures_;  // sorted, each once
  const PictureFormat format_;
  const Deaths deaths_;
  ById<TaskId, std::vector<MatchedPoints>> points_;  // of each picture; empty: not known
};

/// A picture that cannot be made is a warning.
class DrawKeeper final : public StageKeeper {
 public:
  /// Keeps a picture. What it throws of std::system_error is a warning, too.
  using Keep = std::function<void(const PictureTask&, std::string bytes)>;

  /// `orders` must outlive it.
  DrawKeeper(const Ledger& ledger, const DrawOrders& orders, Keep keep)
      : ledger_(ledger), orders_(orders), keep_(std::move(keep)) {}

  void begin(TaskId /*task*/) override {}
  void process_died(TaskId /*task*/, const std::string& /*reason*/) override {}
  void take(machine::Keep it) override;

  [[nodiscard]] std::size_t taken() const { return taken_; }
  [[nodiscard]] std::size_t failed() const { return failed_; }

 private:
  void warn(const PictureTask& picture, std::string_view why);

  const Ledger& ledger_;
  const DrawOrders& orders_;
  Keep keep_;
  std::size_t taken_ = 0;
  std::size_t failed_ = 0;
};

}  // namespace bundle_match::app
