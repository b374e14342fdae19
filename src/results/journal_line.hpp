// Lines of the journal: fields, escapes, checksums. Pure functions.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/results/journal.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bundle_match::results {

/// The XXH3-64 of the bytes, 16 hexadecimal digits.
[[nodiscard]] std::string checksum(std::string_view bytes);

/// The line, with checksum and newline.
[[nodiscard]] std::string journal_line(const std::vector<std::string_view>& fields);

/// The fields of a line (without its newline); nothing if it is damaged.
[[nodiscard]] std::optional<std::vector<std::string>> journal_fields(std::string_view line);

[[nodiscard]] std::string result_line(std::string_view path, const ImageResult& report,
                                      const Computer& computer);
[[nodiscard]] std::string position_line(std::string_view path,
                                        const std::optional<GeoPosition>& position);

/// The record that the fields make; nothing if they do not make one. Not of pairs, for which see
/// journal_pairs.hpp.
[[nodiscard]] std::optional<JournalRecord> journal_record(const std::vector<std::string>& fields);

/// The parameters, if the fields are a P record.
[[nodiscard]] std::optional<RunParameters> journal_parameters(
    const std::vector<std::string>& fields);

}  // namespace bundle_match::results
