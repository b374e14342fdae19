// Reports to exporters.
// SPDX-License-Identifier: Apache-2.0
#include "output/exports.hpp"

#include "bundle_match/exports/colmap_database.hpp"
#include "bundle_match/exports/match_files.hpp"
#include "bundle_match/features/feature_codec.hpp"

#include <algorithm>

namespace bundle_match::app {
namespace {

constexpr std::chrono::seconds kFlushEvery{1};

void append_views(std::vector<std::string_view>& views, const PathList& paths) {
  for (std::size_t i = 0; i < paths.size(); ++i) {
    views.push_back(paths[i]);
  }
}

}  // namespace

Exports::Exports(const CommandLine& command, const PathList& references, const PathList& images)
    : verification_(command.match.verification) {
  if (!command.export_colmap.empty()) {
    exporters_.push_back(exports::open_colmap_database(
        command.export_colmap, {command.overwrite, command.match.first_octave}));
  }
  if (!command.save_matches.empty()) {
    exporters_.push_back(exports::open_match_files(command.save_matches));
  }
  if (any()) {
    std::vector<std::string_view> order;
    append_views(order, references);
    append_views(order, images);
    for (const auto& exporter : exporters_) {
      exporter->set_order(order);
    }
  }
}

bool Exports::has_image(std::string_view path) const {
  return std::all_of(exporters_.begin(), exporters_.end(),
                     [&](const auto& exporter) { return exporter->has_image(path); });
}

bool Exports::has_pair(std::string_view reference, std::string_view image) const {
  return std::all_of(exporters_.begin(), exporters_.end(),
                     [&](const auto& exporter) { return exporter->has_pair(reference, image); });
}

void Exports::add_image(std::string_view path, std::string_view features) {
  const auto view = any() && !features.empty() ? features::view_features(features) : std::nullopt;
  if (view) {
    for (const auto& exporter : exporters_) {
      exporter->add_image(path, *view);
    }
  }
}

void Exports::add_pairs(std::string_view path, const ImageResult& image, const ReferenceList& with,
                        const PathList& references) {
  for (const auto& exporter : exporters_) {
    auto reference = with.begin();
    for (const PairOutcome& outcome : image.outcomes) {
      exporter->add_pair({references[(*reference).value()], path, outcome.matched, verification_,
                          outcome.inlier_positions, outcome.model});
      ++reference;
    }
  }
}

void Exports::flush_now_and_then() {
  const auto now = std::chrono::steady_clock::now();
  if (any() && now >= next_flush_) {
    for (const auto& exporter : exporters_) {
      exporter->flush();
    }
    next_flush_ = now + kFlushEvery;
  }
}

void Exports::finish() {
  for (const auto& exporter : exporters_) {
    exporter->finish();
  }
}

}  // namespace bundle_match::app
