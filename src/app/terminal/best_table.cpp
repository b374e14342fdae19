// Formats the table: numbers to the right, paths to the left, cut at the terminal's width.
// SPDX-License-Identifier: Apache-2.0
#include "terminal/best_table.hpp"

#include "bundle_match/results/result_writer.hpp"
#include "output/picture_selection.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace bundle_match::app {
namespace {

constexpr std::uint32_t kRows = 10;
constexpr std::string_view kEllipsis = "...";
constexpr std::size_t kFewestColumnsOfPaths = 16;

bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }

std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
}

// Where the character begins that has so many before it.
std::size_t position_of(std::string_view text, std::size_t character) {
  std::size_t position = 0;
  for (; position < text.size(); ++position) {
    if (begins_character(text[position]) && character-- == 0) {
      break;
    }
  }
  return position;
}

}  // namespace

std::string shorten(std::string_view text, std::size_t columns) {
  const std::size_t all = columns_of(text);
  if (all <= columns) {
    return std::string(text);
  }
  const std::size_t kept = columns - kEllipsis.size();
  const std::size_t head = kept / 2;
  return fmt::format("{}{}{}", text.substr(0, position_of(text, head)), kEllipsis,
                     text.substr(position_of(text, all - (kept - head))));
}

std::vector<std::string> best_table(const results::ResultTable& results, const PathList& references,
                                    const PathList& images, bool with_inliers,
                                    std::size_t columns) {
  const std::vector<PictureTask> pairs = best_pairs(results, with_inliers, kRows);
  if (pairs.empty()) {
    return {};
  }
  const auto line = [with_inliers](const auto& matches, const auto& inliers,
                                   std::string_view path) {
    return with_inliers ? fmt::format("{:>8}  {:>8}  {}", matches, inliers, path)
                        : fmt::format("{:>8}  {}", matches, path);
  };
  const bool several = references.size() > 1;
  const std::size_t numbers = line("", "", "").size();
  const std::size_t for_paths =
      std::max(columns > numbers ? columns - numbers : 0, kFewestColumnsOfPaths);
  const auto shown = [&](std::string_view path) {
    // Two paths, and two spaces between them.
    return shorten(results::escape_path(path).path, several ? for_paths / 2 - 1 : for_paths);
  };
  std::vector<std::string> lines = {line("matches", "inliers", several ? "pair" : "image")};
  for (const PictureTask& pair : pairs) {
    const auto counts = results.counts(pair.image, *pair.reference);
    std::string paths = shown(images[pair.image.value()]);
    if (several) {
      paths += "  " + shown(references[pair.reference->value()]);
    }
    lines.push_back(line(counts->matches, counts->inliers, paths));
  }
  return lines;
}

}  // namespace bundle_match::app
