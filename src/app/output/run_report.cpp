// Results and options as the data of a page.
// SPDX-License-Identifier: Apache-2.0
#include "output/run_report.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <utility>

namespace bundle_match::app {
namespace {

using report::Parameter;

std::string title_of(const RunInput& run, const WorkPlan& plan) {
  const std::size_t images = run.images.size();
  const std::string against = fmt::format("{} image{}", images, images == 1 ? "" : "s");
  if (run.command.all_pairs) {
    return "All pairs of " + against;
  }
  if (run.command.among_images()) {
    const std::uint64_t pairs = plan.pairs();
    return fmt::format("{} pair{} of {}", pairs, pairs == 1 ? "" : "s", against);
  }
  if (run.references().size() > 1) {
    return fmt::format("{} references against {}", run.references().size(), against);
  }
  const std::string_view reference = run.path_of(ReferenceIndex());
  return fmt::format("{} against {}", reference.substr(reference.rfind('/') + 1), against);
}

void add_matching(std::vector<Parameter>& parameters, const MatchOptions& match) {
  const auto or_none = [](double value) {
    return value > 0 ? fmt::format("{:g}", value) : std::string("none");
  };
  parameters.push_back(
      {"Features kept per image", match.nfeatures > 0 ? std::to_string(match.nfeatures) : "all"});
  parameters.push_back(
      {"SIFT", match.sift == SiftImplementation::opencv ? "OpenCV's" : "built in"});
  parameters.push_back({"First octave", std::to_string(match.first_octave)});
  parameters.push_back(
      {"Longest side", match.max_size > 0 ? fmt::format("{} pixels", match.max_size) : "any"});
  parameters.push_back({"Cross check", std::string(to_string(match.cross_check))});
  parameters.push_back({"Ratio test", or_none(match.max_ratio)});
  parameters.push_back({"Largest distance", or_none(match.max_distance)});
  if (match.verification != Verification::none) {
    parameters.push_back({"Geometry", fmt::format("{}, within {:g} pixels, at least {} inliers",
                                                  to_string(match.verification), match.max_error_px,
                                                  match.min_inliers)});
  }
  if (!match.mask_dir.empty()) {
    parameters.push_back({"Masks", match.mask_dir});
  }
}

report::CollectedRows collect(const RunInput& run, const results::ResultTable& table,
                              const std::vector<ImageIndex>& pictured) {
  report::RowCollector rows(run.images.size(), run.command.among_images(), pictured);
  results::for_each_row(table, {}, [&](ReferenceIndex reference, ImageIndex image) {
    rows.add(report_row(image, run.path_of(image), reference, table.report(image),
                        table.pair(image, reference),
                        table.has(image) ? table.computer(image) : results::Computer{}));
  });
  for (const ImageIndex image : table.plan().image_ids()) {
    rows.add_times(table.report(image).elapsed_ms);
  }
  return rows.finish();
}

}  // namespace

report::Row report_row(ImageIndex image, std::string_view path, ReferenceIndex reference,
                       const ImageResult& of_image, const results::PairResult& pair,
                       const results::Computer& computer) {
  report::Row row;
  row.image = image;
  row.path = path;
  row.reference = reference;
  row.status = pair.status;
  row.reason = pair.reason;
  row.matches = pair.matches;
  row.inliers = pair.inliers;
  row.keypoints = of_image.keypoints;
  row.width = of_image.width;
  row.height = of_image.height;
  row.elapsed_ms = of_image.elapsed_ms;
  row.rank = computer.rank;
  row.host = computer.host;
  return row;
}

void RunReport::write(const RunInput& run, const results::ResultTable& table,
                      report::ReportData data) {
  data.title = title_of(run, table.plan());
  data.among_images = run.command.among_images();
  data.verified = run.command.match.verification != Verification::none;
  if (run.command.similar > 0) {
    data.parameters.push_back({"Pairs chosen", fmt::format("of each image with the {} most like it",
                                                           run.command.similar)});
  }
  if (run.command.within_m > 0) {
    data.parameters.push_back(
        {"Pairs chosen", fmt::format("taken within {} m of each other", run.command.within_m)});
  }
  add_matching(data.parameters, run.command.match);
  for (const ReferenceIndex reference : table.plan().reference_ids()) {
    data.references.push_back(std::string(run.path_of(reference)));
  }
  std::vector<ImageIndex> pictured;
  for (const report::Thumbnail& thumbnail : data.thumbnails) {
    pictured.push_back(thumbnail.image);
  }
  data.rows = collect(run, table, pictured);
  file_.write(report::write_report(data));
  file_.commit();
}

}  // namespace bundle_match::app
