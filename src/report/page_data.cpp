// Writes the data as JSON: tables by column, as names of fields would be most of 100,000 rows.
// SPDX-License-Identifier: Apache-2.0
#include "page_data.hpp"

#include "bundle_match/core/rank_number.hpp"
#include "grouping.hpp"

#include <boost/archive/iterators/base64_from_binary.hpp>
#include <boost/archive/iterators/transform_width.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>
#include <unordered_map>
#include <variant>

namespace bundle_match::report {
namespace {

using Json = nlohmann::ordered_json;

std::string data_url(std::string_view jpeg) {
  using namespace boost::archive::iterators;
  using Encoder = base64_from_binary<transform_width<const char*, 6, 8>>;
  std::string url = "data:image/jpeg;base64,";
  url.reserve(url.size() + jpeg.size() * 4 / 3 + 4);
  url.append(Encoder(jpeg.data()), Encoder(jpeg.data() + jpeg.size()));
  url.append((3 - jpeg.size() % 3) % 3, '=');
  return url;
}

double rounded(double value, double step) { return std::round(value / step) * step; }

// Tenths of a millisecond, as an integer: short.
std::int64_t tenths(float ms) { return std::llround(double{ms} * 10); }

// Bins of a round width, at most kMostBins of them.
Json histogram(const std::map<std::uint32_t, std::uint64_t>& counts) {
  constexpr std::uint64_t kMostBins = 40;
  const std::uint64_t most = counts.empty() ? 0 : counts.rbegin()->first;
  const std::uint64_t width = round_width(most, kMostBins);
  std::vector<std::uint64_t> bins(counts.empty() ? 0 : most / width + 1);
  for (const auto& [matches, rows] : counts) {
    bins[matches / width] += rows;
  }
  return {{"width", width}, {"rows", bins}};
}

Json order(const std::vector<OrderBin>& bins) {
  Json json = {{"first", Json::array()},
               {"least", Json::array()},
               {"most", Json::array()},
               {"mean", Json::array()},
               {"images", Json::array()}};
  for (const OrderBin& bin : bins) {
    const bool known = bin.matched > 0;
    json["first"].push_back(bin.first.value());
    json["images"].push_back(bin.images);
    json["least"].push_back(known ? Json(bin.least) : Json());
    json["most"].push_back(known ? Json(bin.most) : Json());
    json["mean"].push_back(known ? Json(bin.sum / bin.matched) : Json());
  }
  return json;
}

// The length of the common ASCII prefix of two paths: as many characters in the script as bytes
// here.
std::size_t shared_letters(std::string_view a, std::string_view b) {
  std::size_t length = 0;
  while (length < a.size() && length < b.size() && a[length] == b[length] &&
         static_cast<unsigned char>(a[length]) < 0x80) {
    ++length;
  }
  return length;
}

// The images that have rows, each once; rows refer to them by position. A browser takes a second
// for each ten megabytes of this: of paths, only what differs from the one before is written.
class Images {
 public:
  std::size_t add(const Row& row) {
    const auto [place, is_new] = positions_.try_emplace(row.image, positions_.size());
    if (is_new) {
      columns_["index"].push_back(row.image.value());
      const std::size_t shared = shared_letters(path_before_, row.path);
      columns_["shared"].push_back(shared);
      columns_["path"].push_back(row.path.substr(shared));
      path_before_ = row.path;
      columns_["keypoints"].push_back(row.keypoints);
      columns_["width"].push_back(row.width);
      columns_["height"].push_back(row.height);
      columns_["read"].push_back(tenths(row.elapsed_ms.read));
      columns_["sift"].push_back(tenths(row.elapsed_ms.sift));
      columns_["match"].push_back(tenths(row.elapsed_ms.match));
      columns_["rank"].push_back(rank_number(row.rank));
      columns_["host"].push_back(hosts_.try_emplace(row.host, hosts_.size()).first->second);
    }
    return place->second;
  }

  [[nodiscard]] Json columns() const { return columns_; }
  [[nodiscard]] Json hosts() const {
    std::vector<std::string> names(hosts_.size());
    for (const auto& [name, position] : hosts_) {
      names[position] = name;
    }
    return names;
  }

 private:
  static Json empty_columns() {
    Json columns;
    for (const char* name : {"index", "shared", "path", "keypoints", "width", "height", "read",
                             "sift", "match", "rank", "host"}) {
      columns[name] = Json::array();
    }
    return columns;
  }

  std::unordered_map<ImageIndex, std::size_t> positions_;
  std::map<std::string, std::size_t> hosts_;
  std::string path_before_;
  Json columns_ = empty_columns();
};

// A column that counts from 0 is left out.
void drop_if_counting(Json& columns, const char* name) {
  const Json& column = columns[name];
  for (std::size_t i = 0; i < column.size(); ++i) {
    if (column[i] != i) {
      return;
    }
  }
  columns.erase(name);
}

void add_rows(Json& json, const CollectedRows& collected, bool verified) {
  Images images;
  Json rows = {{"image", Json::array()},
               {"reference", Json::array()},
               {"status", Json::array()},
               {"matches", Json::array()},
               {"reasons", Json::object()}};
  for (const Row& row : collected.rows) {
    if (!row.reason.empty()) {
      rows["reasons"][std::to_string(rows["image"].size())] = row.reason;
    }
    rows["image"].push_back(images.add(row));
    rows["reference"].push_back(row.reference.value());
    rows["status"].push_back(static_cast<int>(row.status));
    rows["matches"].push_back(row.matches);
    if (verified) {
      rows["inliers"].push_back(row.inliers);
    }
  }
  if (json["references"].size() <= 1) {
    rows.erase("reference");
  }
  drop_if_counting(rows, "image");
  json["images"] = images.columns();
  drop_if_counting(json["images"], "index");
  json["hosts"] = images.hosts();
  json["rows"] = std::move(rows);
  json["total"] = collected.total;
  json["imageCount"] = collected.images;
  json["byStatus"] = collected.by_status;
  for (std::size_t i = 0; i < CollectedRows::kStatuses; ++i) {
    json["statuses"].push_back(to_string(static_cast<ImageStatus>(i)));
  }
  json["histogram"] = histogram(collected.histogram);
  json["order"] = order(collected.order);
  json["stages"] = {{"read", rounded(double{collected.total_ms.read} / 1000, 1e-4)},
                    {"sift", rounded(double{collected.total_ms.sift} / 1000, 1e-4)},
                    {"match", rounded(double{collected.total_ms.match} / 1000, 1e-4)}};
}

Json thumbnails(const ReportData& data, Json& pictures) {
  Json list = Json::array();
  for (const Thumbnail& thumbnail : data.thumbnails) {
    const auto best = data.rows.best_of.find(thumbnail.image);
    if (best != data.rows.best_of.end() && list.size() < kMostThumbnails) {
      list.push_back({{"image", thumbnail.image.value()},
                      {"path", best->second.path},
                      {"status", static_cast<int>(best->second.status)},
                      {"matches", best->second.matches},
                      {"inliers", best->second.inliers},
                      {"width", thumbnail.width},
                      {"height", thumbnail.height}});
      pictures.push_back(data_url(thumbnail.jpeg));
    }
  }
  return list;
}

Json drawn(const ReportData& data, Json& pictures) {
  Json list = Json::array();
  for (const DrawnMatches& matches : data.drawn) {
    const auto row =
        std::find_if(data.rows.rows.begin(), data.rows.rows.end(), [&](const Row& candidate) {
          return candidate.image == matches.image && candidate.reference == matches.reference;
        });
    if (row != data.rows.rows.end() && list.size() < kMostDrawn) {
      list.push_back({{"path", row->path},
                      {"reference", row->reference.value()},
                      {"matches", row->matches},
                      {"inliers", row->inliers},
                      {"width", matches.width},
                      {"height", matches.height}});
      pictures.push_back(data_url(matches.jpeg));
    }
  }
  return list;
}

// Start, end and the image; of a reference that is none of them null, and then the reference.
Json interval(const Interval& interval) {
  Json json = {rounded(double{interval.start_s}, 1e-3), rounded(double{interval.end_s}, 1e-3)};
  if (const auto* const image = std::get_if<ImageIndex>(&interval.what)) {
    json.push_back(image->value());
  } else {
    json.push_back(nullptr);
    json.push_back(std::get<ReferenceIndex>(interval.what).value());
  }
  return json;
}

// Thousandths of each bin's time that ranks were busy, by stage, and lent their cores: four numbers
// a bin, one after the other.
Json bins(const TimelineLane& lane, double bin_s) {
  std::vector<int> shares;
  const double whole = bin_s * static_cast<double>(lane.ranks);
  const auto add = [&](float spent_s) {
    const double share = whole > 0 ? double{spent_s} / whole : 0;
    shares.push_back(static_cast<int>(std::lround(1000 * std::clamp(share, 0.0, 1.0))));
  };
  for (const RankTimes& bin : lane.bins) {
    add(bin.read);
    add(bin.sift);
    add(bin.match);
    add(bin.lent);
  }
  return shares;
}

Json timeline(const Timeline& timeline) {
  Json lanes = Json::array();
  std::size_t intervals = 0;
  for (const TimelineLane& lane : lanes_of(timeline)) {
    const double time_s = timeline.span_s * static_cast<double>(lane.ranks);
    Json json = {{"host", lane.host},
                 {"label", lane.label},
                 {"kernel", lane.kernel},
                 {"ranks", lane.ranks},
                 {"images", lane.images},
                 {"busy", rounded(lane.busy_s, 1e-3)},
                 {"lent", rounded(lane.lent_s, 1e-3)},
                 {"share", time_s > 0 ? rounded(lane.busy_s / time_s, 1e-4) : 0},
                 {"lost", lane.lost},
                 {"bins", bins(lane, timeline.bin_s)},
                 {"intervals", Json::array()}};
    for (const Interval& of_lane : lane.intervals) {
      if (++intervals <= kMostIntervals) {
        json["intervals"].push_back(interval(of_lane));
      }
    }
    lanes.push_back(std::move(json));
  }
  return {{"span", rounded(timeline.span_s, 1e-3)},
          {"bin", timeline.bin_s},
          {"ranks", timeline.ranks.size()},
          {"grouped", timeline.ranks.size() > kMostRanksShown},
          {"lanes", std::move(lanes)}};
}

Json groups(const ImageGroups& groups) {
  Json shown = Json::array();
  for (const ImageGroup& group : groups.shown) {
    shown.push_back({{"images", group.images}, {"paths", group.paths}});
  }
  return {{"rule", groups.rule}, {"total", groups.total}, {"shown", std::move(shown)}};
}

std::string safe_text(const Json& json) {
  const std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::string safe;
  safe.reserve(text.size());
  for (const char c : text) {
    if (c == '<') {
      safe += "\\u003c";  // it stands in strings only; "</script>" and "<!--" are no more
    } else {
      safe += c;
    }
  }
  return safe;
}

}  // namespace

PageData page_data(const ReportData& data) {
  Json pictures = {{"thumbnails", Json::array()}, {"drawn", Json::array()}};
  Json json = {{"title", data.title},
               {"summary", data.summary},
               {"parameters", Json::array()},
               {"references", data.references},
               {"amongImages", data.among_images},
               {"verified", data.verified},
               {"thumbnails", thumbnails(data, pictures["thumbnails"])},
               {"drawn", drawn(data, pictures["drawn"])},
               {"groups", groups(data.groups)},
               {"timeline", timeline(data.timeline)}};
  for (const Parameter& parameter : data.parameters) {
    json["parameters"].push_back({parameter.name, parameter.value});
  }
  add_rows(json, data.rows, data.verified);
  return {safe_text(json), safe_text(pictures)};
}

}  // namespace bundle_match::report
