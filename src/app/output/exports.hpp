// The exports of a run: what --export-colmap and --save-matches ask for.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/image_result.hpp"
#include "bundle_match/core/path_list.hpp"
#include "bundle_match/core/work_plan.hpp"
#include "bundle_match/exports/exporter.hpp"
#include "command/command_line.hpp"

#include <chrono>
#include <memory>
#include <string_view>
#include <vector>

namespace bundle_match::app {

/// Feeds every exporter. What goes wrong is thrown as std::runtime_error or std::system_error.
class Exports {
 public:
  Exports() = default;
  Exports(const CommandLine& command, const PathList& references, const PathList& images);

  [[nodiscard]] bool any() const { return !exporters_.empty(); }
  [[nodiscard]] bool has_image(std::string_view path) const;
  [[nodiscard]] bool has_pair(std::string_view reference, std::string_view image) const;

  /// The image's encoded features; empty ones are left out.
  void add_image(std::string_view path, std::string_view features);
  /// The image's outcomes with these of the references; none if it has failed.
  void add_pairs(std::string_view path, const ImageResult& image, const ReferenceList& with,
                 const PathList& references);

  /// Brings to disk what was added, if it was not done within the last second.
  void flush_now_and_then();
  void finish();

 private:
  std::vector<std::unique_ptr<exports::Exporter>> exporters_;
  Verification verification_ = Verification::none;
  std::chrono::steady_clock::time_point next_flush_;
};

}  // namespace bundle_match::app
