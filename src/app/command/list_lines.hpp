// The lines of lists of paths.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace bundle_match::app {

/// Cuts a list into its lines, also those that are empty.
class ListLines {
 public:
  using Visit = std::function<void(std::string_view line)>;

  /// Lines end in `separator`, which is not part of them; blocks may end anywhere.
  ListLines(char separator, Visit visit) : separator_(separator), visit_(std::move(visit)) {}

  void take(std::string_view block);
  /// The list is over: the last line needs no separator.
  void finish();

 private:
  char separator_;
  Visit visit_;
  std::string begun_;  // a line that the next block goes on with
};

/// Visits the lines of a file; "-" is standard input. `option` is where it was named. Throws
/// InputError if it cannot be read to its end.
void read_lines(const std::string& option, const std::string& file, char separator,
                ListLines::Visit visit);

/// What errors call it.
[[nodiscard]] std::string name_of_list(const std::string& file);

}  // namespace bundle_match::app
