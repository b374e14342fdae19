// Writes the page of a run that never was: many images, failures, hostile names, many ranks.
// sample_page OUT IMAGES RANKS [WIDTHxHEIGHT:JPEG...]; the pictures are used in turn.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/report/report.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iterator>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace bundle_match;

struct Picture {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::string jpeg;
};

// Names that would do harm, or look like another, if they were not escaped.
constexpr std::array<std::string_view, 7> kHostile = {
    "</script><script>window.harmed=1</script>.jpg",
    "<img src=x onerror=window.harmed=1>.jpg",
    "\" onmouseover=\"window.harmed=1.jpg",
    "<!--<script>.jpg",
    "not utf-8 \xff\xfe.jpg",
    "two\nlines\\and a tab\t.jpg",
    "\xe2\x80\xaegpj.elgnis.jpg",  // turns the direction of writing
};

Picture read_picture(const std::string& argument) {
  Picture picture;
  const auto x = argument.find('x');
  const auto colon = argument.find(':');
  picture.width = static_cast<std::uint32_t>(std::stoul(argument.substr(0, x)));
  picture.height = static_cast<std::uint32_t>(std::stoul(argument.substr(x + 1)));
  std::ifstream file(argument.substr(colon + 1), std::ios::binary);
  picture.jpeg.assign(std::istreambuf_iterator<char>(file), {});
  if (picture.jpeg.empty()) {
    throw std::runtime_error("cannot read " + argument);
  }
  return picture;
}

std::uint32_t below(std::mt19937& random, std::uint32_t bound) {
  return static_cast<std::uint32_t>(random() % bound);
}

report::Row row_of(std::size_t image, std::mt19937& random) {
  report::Row row;
  row.image = ImageIndex(image);
  row.path = image < kHostile.size()
                 ? "hostile/" + std::string(kHostile[image])
                 : "bundle/part" + std::to_string(image / 1000) + "/image" + std::to_string(image) +
                       (image % 2 == 0 ? ".jpg" : ".png");
  row.rank = Rank(static_cast<int>(image % 4));
  row.host = "node1";
  if (image % 50 == 49) {
    row.status = image % 100 == 99 ? ImageStatus::timed_out : ImageStatus::unreadable;
    row.reason = "damaged <b>in the middle</b>";
    return row;
  }
  row.matches = below(random, 1000) + (image % 10 == 0 ? 2000 : 0);
  row.inliers = row.matches / 3;
  row.keypoints = 2000 + below(random, 3000);
  row.width = 640;
  row.height = 480;
  row.elapsed_ms = {4, 30, 5};
  return row;
}

report::Timeline timeline_of(std::int32_t ranks, std::mt19937& random) {
  constexpr int kBins = 300;
  report::Timeline timeline;
  timeline.span_s = 30;
  timeline.bin_s = timeline.span_s / kBins;
  for (std::int32_t i = 0; i < ranks; ++i) {
    report::RankTimeline& rank = timeline.ranks.emplace_back();
    rank.rank = Rank(i);
    rank.host = "node" + std::to_string(i / 4);
    rank.kernel = "avx2";
    rank.images = 100;
    for (int bin = 0; bin < kBins; ++bin) {
      const float idle = bin > kBins - 10 ? 0.9F : static_cast<float>(below(random, 10)) / 100;
      const float busy_s = static_cast<float>(timeline.bin_s) * (1 - idle);
      const float lent_s = bin > kBins - 10 ? static_cast<float>(timeline.bin_s) / 2 : 0;
      rank.bins.push_back({busy_s * 0.1F, busy_s * 0.8F, busy_s * 0.1F, lent_s});
      rank.lent_s += static_cast<double>(lent_s);
      rank.busy_s += static_cast<double>(busy_s);
    }
  }
  return timeline;
}

void add_pictures(report::ReportData& data, const std::vector<Picture>& pictures,
                  const std::vector<ImageIndex>& pictured) {
  for (std::size_t i = 0; i < pictured.size(); ++i) {
    const Picture& picture = pictures[i % pictures.size()];
    data.thumbnails.push_back({pictured[i], picture.width, picture.height, picture.jpeg});
    if (i < 4) {
      data.drawn.push_back(
          {pictured[i], ReferenceIndex(), picture.width, picture.height, picture.jpeg});
    }
  }
}

void write(const std::string& out, std::size_t images, std::int32_t ranks,
           const std::vector<Picture>& pictures) {
  std::mt19937 random(1);
  std::vector<ImageIndex> pictured(pictures.empty() ? 0 : std::min<std::size_t>(images, 300));
  for (std::size_t i = 0; i < pictured.size(); ++i) {
    pictured[i] = ImageIndex(i);
  }
  report::RowCollector rows(images, false, pictured);
  for (std::size_t image = 0; image < images; ++image) {
    const report::Row row = row_of(image, random);
    rows.add(row);
    rows.add_times(row.elapsed_ms);
  }
  report::ReportData data;
  data.title = "reference.jpg against a sample";
  data.summary = {"A sample, not a run"};
  data.parameters = {{"Command", "sample_page </script>"}};
  data.references.push_back("reference.jpg");
  data.verified = true;
  data.rows = rows.finish();
  data.timeline = timeline_of(ranks, random);
  data.groups = {"at least 20 inliers", 2, {}};
  for (const std::size_t size : {std::size_t{200}, std::size_t{7}}) {
    report::ImageGroup& group = data.groups.shown.emplace_back();
    group.images = size;
    for (std::size_t image = 0; image < std::min<std::size_t>(size, 50); ++image) {
      group.paths.push_back(row_of(image, random).path);
    }
  }
  add_pictures(data, pictures, pictured);
  std::ofstream file(out, std::ios::binary);
  file << report::write_report(data);
  if (!file.flush()) {
    throw std::runtime_error("cannot write " + out);
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    std::vector<Picture> pictures;
    for (std::size_t i = 3; i < arguments.size(); ++i) {
      pictures.push_back(read_picture(arguments[i]));
    }
    write(arguments.at(0), std::stoul(arguments.at(1)), std::stoi(arguments.at(2)), pictures);
    return EXIT_SUCCESS;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "sample_page: %s\n", error.what());
    return EXIT_FAILURE;
  }
}
