// Records of pairs and choices: their paths have numbers, so that a path is not written once a
// pair.
//
//   N number path                         this is what the number stands for from here on
//   M image status matches match_ms reason inliers models references names
//   C image wanted similarities references names
//
// `image` is a number, `references` are numbers and ranges of them ("0-63 70"), and `names` is the
// checksum of the paths that all these stand for: if a record N is damaged, and the number was
// another path's before, the record is refused and not taken for one of that path.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/results/journal.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace bundle_match::results {

/// Makes the records of a run.
class PairWriter {
 public:
  /// A record M, and before it N for each path whose number is not told yet. Numbers that follow
  /// each other take little room.
  [[nodiscard]] std::string lines(const NumberedPath& image, const ImageResult& report,
                                  const std::vector<NumberedPath>& references);
  /// The same for a record C.
  [[nodiscard]] std::string choice_lines(const NumberedPath& image, std::uint32_t wanted,
                                         const std::vector<ChosenPath>& chosen);
  /// The records before are gone: all numbers are to be told again.
  void clear() { told_.clear(); }

 private:
  [[nodiscard]] std::string tell(const NumberedPath& image,
                                 const std::vector<NumberedPath>& references);
  void tell(const NumberedPath& path, std::string& lines);

  std::vector<bool> told_;  // by number
};

/// Reads them, in order.
class PairReader {
 public:
  /// Whether the fields are a record N; remembers what it says.
  [[nodiscard]] bool take_number(const std::vector<std::string>& fields);
  /// The record that M, C, or T of earlier versions, makes; nothing if the fields are no such
  /// record, or name paths that are not known.
  [[nodiscard]] std::optional<JournalRecord> record(const std::vector<std::string>& fields) const;

 private:
  [[nodiscard]] std::optional<JournalRecord> pairs(const std::vector<std::string>& fields) const;
  [[nodiscard]] std::optional<JournalRecord> choice(const std::vector<std::string>& fields) const;
  [[nodiscard]] std::optional<JournalRecord> named(const std::string& image,
                                                   const std::string& references,
                                                   const std::string& names) const;
  [[nodiscard]] const std::string* path_of(std::uint32_t number) const;
  [[nodiscard]] bool add_references(std::string_view range, JournalRecord& record) const;

  std::unordered_map<std::uint32_t, std::string> paths_;
};

}  // namespace bundle_match::results
