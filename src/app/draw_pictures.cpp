// What is left to be drawn, and the phases that draw it.
// SPDX-License-Identifier: Apache-2.0
#include "draw_pictures.hpp"

#include "bundle_match/drawing/jpeg_size.hpp"
#include "draw_phase.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

namespace bundle_match::app {
namespace {

void run(Coordinator& coordinator, DrawPhase& phase, const DrawSettings& settings) {
  if (const LargeVector<TaskId> tasks = phase.tasks(); !tasks.empty()) {
    coordinator.run(phase, tasks, settings.rank_0_alone);
  }
}

}  // namespace

void draw_files(const RunData& data, Coordinator& coordinator, const PictureFiles& files,
                const DrawSettings& settings) {
  std::vector<PictureTask> pictures;
  std::size_t there = 0;
  coordinator.keep_in_touch([&] {
    pictures = pairs_to_draw(data.results, data.by_inliers, settings.best);
    if (settings.skip_existing) {
      there = std::erase_if(pictures, [&](const PictureTask& picture) {
        return files.has(data.references[picture.reference], data.images[picture.image]);
      });
    }
  });
  DrawPhase phase(data, std::move(pictures), files.format(),
                  [&](const PictureTask& picture, const ImageReport& report) {
                    files.write(data.references[picture.reference], data.images[picture.image],
                                report.picture);
                  });
  run(coordinator, phase, settings);
  const std::size_t drawn = there + phase.taken() - phase.failed();
  if (phase.failed() > 0) {
    data.log.warn("{} pictures could not be made", phase.failed());
  }
  if (coordinator.interrupted()) {
    data.log.warn("interrupted: {} of {} pictures are drawn", drawn, there + phase.tasks().size());
  } else {
    data.log.info("{} pictures are drawn{}", drawn,
                  there > 0 ? fmt::format(", {} of them before", there) : "");
  }
}

Pictures pictures_for_report(const RunData& data, Coordinator& coordinator,
                             const DrawSettings& settings) {
  const PictureKeeper& kept = data.kept_pictures;
  std::vector<PictureTask> pairs;
  std::vector<CountedImage> images;
  coordinator.keep_in_touch([&] {
    pairs = best_pairs(data.results, data.by_inliers, settings.best.value_or(0));
    images = best_and_worst(data.results, data.by_inliers, kept.most_best(), kept.most_worst());
  });
  std::map<PictureTask, std::string> made;
  std::vector<PictureTask> missing = pairs;
  for (const CountedImage& image : images) {
    if (const std::string* const jpeg = kept.find(image)) {
      made[{image.image, kNoReference}] = *jpeg;
    } else {
      missing.push_back({image.image, kNoReference});
    }
  }
  DrawPhase phase(data, std::move(missing), PictureFormat::jpeg,
                  [&](const PictureTask& picture, const ImageReport& report) {
                    made[picture] =
                        picture.reference == kNoReference ? report.thumbnail : report.picture;
                  });
  run(coordinator, phase, settings);
  Pictures pictures;
  for (const CountedImage& image : images) {
    if (const auto it = made.find({image.image, kNoReference}); it != made.end()) {
      const auto [width, height] = drawing::jpeg_size(it->second);
      pictures.thumbnails.push_back({image.image, width, height, std::move(it->second)});
    }
  }
  for (const PictureTask& pair : pairs) {
    if (const auto it = made.find(pair); it != made.end()) {
      const auto [width, height] = drawing::jpeg_size(it->second);
      pictures.drawn.push_back({pair.image, pair.reference, width, height, std::move(it->second)});
    }
  }
  return pictures;
}

}  // namespace bundle_match::app
