// Orders to draw, and what becomes of the pictures.
// SPDX-License-Identifier: Apache-2.0
#include "sink/draw_stage.hpp"

#include "bundle_match/results/result_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <system_error>

namespace bundle_match::app {
namespace {

// A full disk is not worth a line a picture.
constexpr std::size_t kMostWarnings = 10;

std::vector<PictureTask> each_once(std::vector<PictureTask> pictures) {
  std::sort(pictures.begin(), pictures.end());
  pictures.erase(std::unique(pictures.begin(), pictures.end()), pictures.end());
  return pictures;
}

}  // namespace

DrawOrders::DrawOrders(const RunInput& input, std::vector<PictureTask> pictures,
                       PictureFormat format, Deaths deaths, const PictureKeeper& kept)
    : input_(input),
      pictures_(each_once(std::move(pictures))),
      format_(format),
      deaths_(std::move(deaths)) {
  points_.reserve(pictures_.size());
  for (const PictureTask& picture : pictures_) {
    const auto* const points = kept.points(picture);
    points_.push_back(points != nullptr ? *points : std::vector<MatchedPoints>());
  }
}

Work DrawOrders::work(TaskId task) const {
  const PictureTask& it = picture(task);
  if (!it.reference) {
    return ThumbnailWork{};
  }
  DrawWork draw;
  draw.reference = *it.reference;
  draw.reference_path = input_.path_of(*it.reference);
  if (input_.command.among_images()) {
    draw.described = reference_of(it.image);
  }
  draw.format = format_;
  draw.points = points_.at(task);
  return draw;
}

void DrawKeeper::take(machine::Keep it) {
  ++taken_;
  const PictureTask& picture = orders_.picture(it.task);
  auto* const answer = std::get_if<PictureAnswer>(&it.result.answer);
  if (answer == nullptr) {
    warn(picture, fmt::format("{}: {}", to_string(it.result.status), it.result.reason));
    return;
  }
  try {
    keep_(picture, std::move(answer->bytes));
  } catch (const std::system_error& error) {
    warn(picture, error.what());
  }
}

void DrawKeeper::warn(const PictureTask& picture, std::string_view why) {
  if (++failed_ > kMostWarnings) {
    return;
  }
  const RunInput& input = ledger_.input;
  const std::string with =
      picture.reference ? " with " + results::escape_path(input.path_of(*picture.reference)).path
                        : "";
  ledger_.log.warn("no picture of {}{}: {}{}",
                   results::escape_path(input.path_of(picture.image)).path, with, why,
                   failed_ == kMostWarnings ? "; others that fail are not named" : "");
}

}  // namespace bundle_match::app
