// From lines with two paths to pairs of positions.
// SPDX-License-Identifier: Apache-2.0
#include "command/pair_list.hpp"

#include "command/input_error.hpp"
#include "command/list_lines.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <system_error>
#include <unordered_map>

namespace bundle_match::app {
namespace {

constexpr std::string_view kWhiteSpace = " \t\r\v\f\n";
constexpr char kComment = '#';

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  for (auto begin = line.find_first_not_of(kWhiteSpace); begin != std::string_view::npos;
       begin = line.find_first_not_of(kWhiteSpace)) {
    line.remove_prefix(begin);
    const std::string_view word = line.substr(0, line.find_first_of(kWhiteSpace));
    words.push_back(word);
    line.remove_prefix(word.size());
  }
  return words;
}

// As a list of --save-similar has behind its paths.
bool is_number(std::string_view word) {
  double value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  return error == std::errc() && end == word.data() + word.size();
}

// Images by path: the first of those that are listed twice.
class Images {
 public:
  Images(PathList& paths, const std::string& folder) : paths_(paths), folder_(folder) {
    for (std::size_t i = 0; i < paths.size(); ++i) {
      positions_.try_emplace(std::string(paths[i]), i);
    }
    if (!folder_.empty() && folder_.back() != '/') {
      folder_ += '/';
    }
  }

  ImageIndex find_or_add(std::string_view name) {
    std::string path = name.starts_with('/') ? "" : folder_;
    path += name;
    const auto [position, is_new] = positions_.try_emplace(std::move(path), paths_.size());
    if (is_new) {
      paths_.add(position->first);
    }
    return ImageIndex(position->second);
  }

 private:
  PathList& paths_;
  std::string folder_;
  std::unordered_map<std::string, std::uint64_t> positions_;
};

// Reads one list. Its places are numbers of lines or, null-separated, of paths.
class PairReader {
 public:
  PairReader(const std::string& list, Images& images, std::vector<PairSet::Pair>& pairs)
      : list_(list), images_(images), pairs_(pairs) {}

  void take_line(std::string_view line) {
    ++place_;
    const std::vector<std::string_view> words = words_of(line);
    if (words.empty() || words.front().starts_with(kComment)) {
      return;
    }
    if (words.size() != 2 && !(words.size() == 3 && is_number(words[2]))) {
      fail(fmt::format(
          "a pair is two paths, and here {}{}",
          words.size() == 1 ? "is one" : fmt::format("are {}", words.size()),
          words.size() > 2 ? " (with white space in paths, separate them by NUL: --null)" : ""));
    }
    add(words[0], words[1]);
  }

  void take_path(std::string_view path) {
    ++place_;
    if (!first_) {
      first_ = path;
      return;
    }
    add(*first_, path);
    first_.reset();
  }

  void finish() const {
    if (first_) {
      fail("the last path has no other to make a pair");
    }
  }

 private:
  void add(std::string_view a, std::string_view b) {
    const PairSet::Pair pair{images_.find_or_add(a), images_.find_or_add(b)};
    if (pair.a == pair.b) {
      fail(fmt::format("{} twice: an image is not matched with itself", a));
    }
    pairs_.push_back(pair);
  }

  [[noreturn]] void fail(const std::string& why) const {
    throw_input_error(fmt::format("--pairs {}:{}: {}", name_of_list(list_), place_, why));
  }

  const std::string& list_;
  Images& images_;
  std::vector<PairSet::Pair>& pairs_;
  std::size_t place_ = 0;
  std::optional<std::string> first_;  // of a pair, null-separated
};

}  // namespace

std::vector<PairSet::Pair> read_pairs(const PairRequest& request, PathList& images) {
  std::vector<PairSet::Pair> pairs;
  Images known(images, request.folder);
  for (const std::string& list : request.lists) {
    const std::size_t before = pairs.size();
    PairReader reader(list, known, pairs);
    read_lines("--pairs", list, request.null_separated ? '\0' : '\n', [&](std::string_view line) {
      request.null_separated ? reader.take_path(line) : reader.take_line(line);
    });
    reader.finish();
    if (pairs.size() == before) {
      throw_input_error(fmt::format("--pairs {}: no pair in it", name_of_list(list)));
    }
  }
  return pairs;
}

bool fits_pair_line(std::string_view path) {
  return path.find_first_of(kWhiteSpace) == std::string_view::npos && !path.starts_with(kComment);
}

}  // namespace bundle_match::app
