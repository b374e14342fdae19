// Orders to draw, and what becomes of the pictures.
// SPDX-License-Identifier: Apache-2.0
#include "draw_phase.hpp"

#include "bundle_match/results/result_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

namespace bundle_match::app {
namespace {

// A full disk is not worth a line a picture.
constexpr std::size_t kMostWarnings = 10;

}  // namespace

DrawPhase::DrawPhase(const RunData& data, std::vector<PictureTask> pictures, PictureFormat format,
                     Keep keep)
    : data_(data), pictures_(std::move(pictures)), format_(format), keep_(std::move(keep)) {
  std::sort(pictures_.begin(), pictures_.end());
  pictures_.erase(std::unique(pictures_.begin(), pictures_.end()), pictures_.end());
}

LargeVector<TaskId> DrawPhase::tasks() const {
  LargeVector<TaskId> tasks(pictures_.size());
  std::iota(tasks.begin(), tasks.end(), TaskId{0});
  return tasks;
}

ImageOrder DrawPhase::order(TaskId task) const {
  const PictureTask& picture = pictures_.at(task);
  ImageOrder order;
  order.image = picture.image;
  order.path = data_.images[picture.image];
  order.deaths = data_.resumed.deaths_of(picture.image);
  order.references = {picture.reference, 1};
  if (picture.reference == kNoReference) {
    order.action = ImageOrder::Action::thumbnail;
    return order;
  }
  order.action = ImageOrder::Action::draw;
  order.reference_path = data_.references[picture.reference];
  order.picture_format = format_;
  if (const auto* const points = data_.kept_pictures.points(picture)) {
    order.points = *points;
  }
  if (data_.plan.all_pairs()) {
    order.described = static_cast<ReferenceIndex>(picture.image);
  }
  return order;
}

std::string_view DrawPhase::path(TaskId task) const {
  return data_.images[pictures_.at(task).image];
}

TaskId DrawPhase::task_of(const ImageReport& report) const {
  const PictureTask picture{report.image, report.first_reference};
  const auto it = std::lower_bound(pictures_.begin(), pictures_.end(), picture);
  if (it == pictures_.end() || *it != picture) {
    throw std::out_of_range("a picture that was not asked for");
  }
  return static_cast<TaskId>(it - pictures_.begin());
}

void DrawPhase::take(Rank /*rank*/, const ImageReport& report) {
  ++taken_;
  const PictureTask& picture = pictures_[task_of(report)];
  if (report.status != ImageStatus::ok) {
    warn(picture, fmt::format("{}: {}", to_string(report.status), report.reason));
    return;
  }
  try {
    keep_(picture, report);
  } catch (const std::system_error& error) {
    warn(picture, error.what());
  }
}

void DrawPhase::warn(const PictureTask& picture, std::string_view why) {
  if (++failed_ > kMostWarnings) {
    return;
  }
  const std::string with =
      picture.reference == kNoReference
          ? ""
          : " with " + results::escape_path(data_.references[picture.reference]).path;
  data_.log.warn("no picture of {}{}: {}{}", results::escape_path(data_.images[picture.image]).path,
                 with, why, failed_ == kMostWarnings ? "; others that fail are not named" : "");
}

ProgressState DrawPhase::progress() const {
  ProgressState state;
  state.stage = "drawing";
  state.unit = "pictures";
  state.items = pictures_.size();
  state.done = taken_;
  state.failed = failed_;
  return state;
}

}  // namespace bundle_match::app
