// Lines of a journal: what one says is written as the same line again.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz_support.hpp"
#include "results/journal_line.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

using namespace bundle_match;

namespace {

std::vector<std::string> fields_of(std::string_view line) {
  fuzz::require(line.ends_with('\n'), "a line has an end");
  line.remove_suffix(1);
  const auto fields = results::journal_fields(line);
  fuzz::require(fields.has_value() && line.find('\n') == std::string_view::npos,
                "what was written is a line, and whole");
  return *fields;
}

void check_result(const results::JournalRecord& record) {
  const std::string line = results::result_line(record.path, record.report, record.computer);
  const auto again = results::journal_record(fields_of(line));
  fuzz::require(again.has_value(), "a result that was written is a result");
  fuzz::require(results::result_line(again->path, again->report, again->computer) == line,
                "a result is written as it was read");
}

void check_position(const results::JournalRecord& record) {
  const auto again =
      results::journal_record(fields_of(results::position_line(record.path, record.position)));
  fuzz::require(again && again->path == record.path && again->position == record.position,
                "a position is read as it was written");
}

void check(std::string_view line) {
  const auto fields = results::journal_fields(line);
  if (!fields) {
    return;
  }
  fuzz::require(fields_of(results::journal_line({fields->begin(), fields->end()})) == *fields,
                "fields are written as they were read");
  (void)results::journal_parameters(*fields);
  const auto record = results::journal_record(*fields);
  if (record && record->kind == results::JournalRecord::Kind::result) {
    check_result(*record);
  } else if (record && record->kind == results::JournalRecord::Kind::position) {
    check_position(*record);
  }
}

}  // namespace

// Bytes: whether the checksum is to be put before them, then the line.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  if (input.take_byte() % 4 == 0) {
    check(input.rest());
  } else {
    const std::string body = '\t' + std::string(input.rest());
    check(results::checksum(body) + body);
  }
  return 0;
}
