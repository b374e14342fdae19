// Formats the summary.
// SPDX-License-Identifier: Apache-2.0
#include "terminal/run_summary.hpp"

#include <fmt/format.h>

#include <array>

namespace bundle_match::app {
namespace {

std::string failure_text(const results::ResultTable& results) {
  std::array<std::size_t, 256> by_status{};
  for (const ImageIndex image : results.plan().image_ids()) {
    ++by_status[static_cast<std::size_t>(results.report(image).status)];
  }
  std::string text;
  for (std::size_t i = 1; i < by_status.size(); ++i) {
    if (by_status[i] > 0) {
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", by_status[i],
                          to_string(static_cast<ImageStatus>(i)));
    }
  }
  return text;
}

}  // namespace

std::vector<std::string> summary_lines(const results::ResultTable& results,
                                       const RankRecords& ranks, std::size_t done_before,
                                       const RunTimes& times, bool verbose) {
  const auto images = static_cast<double>(results.done() - done_before);
  const bool among_images = results.plan().among_images();
  const char* const unit = among_images ? "pairs" : "images";
  const double working_s = times.reference_s + times.matching_s;  // in both, all ranks take part
  // Images are described while the references are; pairs are matched only afterwards.
  const double counted_s = among_images ? times.matching_s : working_s;
  std::vector<std::string> lines;
  lines.push_back(fmt::format(
      "{} {}: {} matched, {} failed{}; {:.2f} s, of which {} "
      "{:.2f} s and matching {:.2f} s: {:.1f} {}/s",
      results.done(), unit, results.done() - results.failed(), results.failed(),
      results.failed() > 0 ? " (" + failure_text(results) + (among_images ? " images)" : ")") : "",
      times.total_s, among_images ? "describing" : "reference", times.reference_s, times.matching_s,
      counted_s > 0 ? images / counted_s : 0.0, unit));
  for (const Rank rank : ranks.ids()) {
    const double busy = working_s > 0 ? ranks[rank].busy_s / working_s : 0;
    const std::string pause =
        verbose ? fmt::format(", longest pause {:.1f} ms", ranks[rank].longest_pause_ms) : "";
    lines.push_back(fmt::format("rank {} on {}: {} images, busy {:.1f} %{}{}", rank.value(),
                                ranks[rank].host, ranks[rank].images, 100 * busy, pause,
                                ranks[rank].lost ? ", lost on the way" : ""));
  }
  return lines;
}

}  // namespace bundle_match::app
