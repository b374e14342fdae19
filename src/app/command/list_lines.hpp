// The paths of a list, from blocks of its bytes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/path_list.hpp"

#include <string>
#include <string_view>

namespace bundle_match::app {

/// Adds every line that is not empty to `paths`, which must outlive it. Lines end in `separator`;
/// blocks may end anywhere.
class ListLines {
 public:
  ListLines(PathList& paths, char separator) : paths_(paths), separator_(separator) {}

  void take(std::string_view block) {
    for (auto end = block.find(separator_); end != std::string_view::npos;
         end = block.find(separator_)) {
      if (begun_.empty()) {
        add(block.substr(0, end));
      } else {
        add(begun_.append(block.substr(0, end)));
        begun_.clear();
      }
      block.remove_prefix(end + 1);
    }
    begun_.append(block);
  }

  /// The list is over: the last line needs no separator.
  void finish() {
    add(begun_);
    begun_.clear();
  }

 private:
  void add(std::string_view line) {
    if (!line.empty()) {
      paths_.add(line);
    }
  }

  PathList& paths_;
  char separator_;
  std::string begun_;  // a line that the next block goes on with
};

}  // namespace bundle_match::app
