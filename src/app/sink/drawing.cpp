// The stages that draw: the files of --draw, then what the report shows.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/drawing/jpeg_size.hpp"
#include "sink/stage_sequence.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <utility>

namespace bundle_match::app {

OpenedStage StageSequence::open_drawing(std::vector<PictureTask> pictures, PictureFormat format,
                                        DrawKeeper::Keep keep) {
  draw_orders_ = std::make_shared<DrawOrders>(ledger_.input, std::move(pictures), format,
                                              ledger_.resumed.deaths, ledger_.kept_pictures);
  keeper_ = std::make_unique<DrawKeeper>(ledger_, *draw_orders_, std::move(keep));
  OpenedStage stage;
  stage.orders = draw_orders_;
  for (const TaskId task : draw_orders_->tasks()) {
    stage.tasks.push_back(task);
  }
  stage.rank_0_alone = ledger_.input.command.send_images;  // other ranks may not see the files
  stage.rank_0_helps = true;
  stage.progress.stage = "drawing";
  stage.progress.unit = "pictures";
  stage.progress.items = draw_orders_->size();
  stage.keeps_journal = ledger_.resumed.journal != nullptr;
  return stage;
}

NextStage StageSequence::open_drawing_of_files() {
  step_ = Step::drawing_files;
  if (!ledger_.picture_files) {
    return open_drawing_for_report();
  }
  const RunInput& input = ledger_.input;
  const PictureFiles& files = *ledger_.picture_files;
  std::vector<PictureTask> pictures =
      pairs_to_draw(ledger_.results, input.best_by_inliers(), input.command.draw.best);
  // Those that are there are of the interrupted run that this one goes on with.
  if (ledger_.done_before > 0 && !input.command.overwrite) {
    drawn_before_ = std::erase_if(pictures, [&](const PictureTask& picture) {
      return files.has(input.path_of(*picture.reference), input.path_of(picture.image));
    });
  }
  const bool none = pictures.empty();
  OpenedStage stage = open_drawing(std::move(pictures), files.format(),
                                   [&](const PictureTask& picture, const std::string& bytes) {
                                     files.write(input.path_of(*picture.reference),
                                                 input.path_of(picture.image), bytes);
                                   });
  if (none) {
    tell_drawn();
    return open_drawing_for_report();
  }
  return stage;
}

void StageSequence::tell_drawn() const {
  const auto& keeper = static_cast<const DrawKeeper&>(*keeper_);
  const std::size_t drawn = drawn_before_ + keeper.taken() - keeper.failed();
  const std::size_t all = drawn_before_ + draw_orders_->size();
  if (keeper.failed() > 0) {
    ledger_.log.warn("{} pictures could not be made", keeper.failed());
  }
  if (keeper.taken() < draw_orders_->size()) {
    ledger_.log.warn("interrupted: {} of {} pictures are drawn", drawn, all);
  } else {
    ledger_.log.info("{} pictures are drawn{}", drawn,
                     drawn_before_ > 0 ? fmt::format(", {} of them before", drawn_before_) : "");
  }
}

NextStage StageSequence::open_drawing_for_report() {
  step_ = Step::drawing_for_report;
  if (!ledger_.report) {
    return end();
  }
  const PictureKeeper& kept = ledger_.kept_pictures;
  const bool by_inliers = ledger_.input.best_by_inliers();
  report_pairs_ = best_pairs(ledger_.results, by_inliers, kDrawnInReport);
  report_images_ = best_and_worst(ledger_.results, by_inliers, kept.most_best(), kept.most_worst());
  std::vector<PictureTask> missing = report_pairs_;
  for (const CountedImage& image : report_images_) {
    if (const std::string* const jpeg = kept.find(image)) {
      report_pictures_[{image.image, std::nullopt}] = *jpeg;
    } else {
      missing.push_back({image.image, std::nullopt});
    }
  }
  if (missing.empty()) {
    collect_pictures();
    return end();
  }
  return open_drawing(std::move(missing), PictureFormat::jpeg,
                      [this](const PictureTask& picture, std::string bytes) {
                        report_pictures_[picture] = std::move(bytes);
                      });
}

// What could not be made, or not in time, is missing.
void StageSequence::collect_pictures() {
  Pictures& pictures = ledger_.pictures;
  for (const CountedImage& image : report_images_) {
    if (const auto it = report_pictures_.find({image.image, std::nullopt});
        it != report_pictures_.end()) {
      const auto [width, height] = drawing::jpeg_size(it->second);
      pictures.thumbnails.push_back({image.image, width, height, std::move(it->second)});
    }
  }
  for (const PictureTask& pair : report_pairs_) {
    if (const auto it = report_pictures_.find(pair); it != report_pictures_.end()) {
      const auto [width, height] = drawing::jpeg_size(it->second);
      pictures.drawn.push_back({pair.image, *pair.reference, width, height, std::move(it->second)});
    }
  }
}

}  // namespace bundle_match::app
