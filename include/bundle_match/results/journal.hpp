// The journal of a run: every image handed out and every result, one checksummed record a line, so
// that whatever happens, what was computed stays.
//
// A line is CHECKSUM TAB KIND TAB FIELD... in which CHECKSUM is the XXH3-64 of all that follows it,
// as 16 hexadecimal digits, and backslashes, tabs and line breaks inside fields are escaped. Kinds:
//   P name value ...        the run's parameters; the first line
//   S                       a run starts
//   A path                  handed out
//   D path reason           a compute process died of it
//   R path status ...       its result; the last one of a path counts. Fields of the pairs hold one
//                           number for each reference, separated by spaces
//   N number path           what stands for the path in the records M that follow
//   M image status ...      the result of some pairs of the image, with the references; R then is
//                           of the image alone
//   C image wanted ...      the images that were chosen for the image as most like it
//   G path latitude longitude  where the image was taken, in degrees; without them: not known
//   T path status ...       the same with paths, as earlier versions wrote it
//   E                       a run ends in order, or is asked to end: what is under way is not to
//                           blame
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/geo_position.hpp"
#include "bundle_match/core/ids.hpp"
#include "bundle_match/core/image_result.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace bundle_match::results {

/// Who computed a result.
struct Computer {
  std::optional<Rank> rank;  ///< nothing: not known
  std::string host;
  std::string kernel;

  friend bool operator==(const Computer&, const Computer&) = default;
};

/// What must be the same for two runs to share results.
struct RunParameter {
  std::string name;
  std::string value;

  friend bool operator==(const RunParameter&, const RunParameter&) = default;
};
using RunParameters = std::vector<RunParameter>;

/// An image of a run: its path, and a number that no other path of the run has.
struct NumberedPath {
  std::uint32_t number = 0;
  std::string_view path;
};

/// An image that was chosen as like another one.
struct ChosenPath {
  NumberedPath image;
  double similarity = 0;  ///< 1: they are alike, 0: they have nothing in common
};

/// One record as read back; views are valid during the call only.
struct JournalRecord {
  enum class Kind : std::uint8_t { start, assigned, died, result, pairs, choice, position, end };

  Kind kind = Kind::start;
  std::string path;
  ImageResult report;                   ///< of a result or pairs
  Computer computer;                    ///< of a result
  std::vector<std::string> references;  ///< paths: of the report's outcomes, of pairs that failed,
                                        ///< of images that were chosen
  std::uint32_t wanted = 0;             ///< of a choice: so many were to be chosen
  std::vector<double> similarities;     ///< likewise: of the references
  std::optional<GeoPosition> position;  ///< of the path
};

/// What reading a journal found.
struct JournalCondition {
  std::optional<RunParameters> parameters;  ///< nothing: empty, or its first line is damaged
  std::size_t records = 0;
  std::size_t damaged_lines = 0;
  bool whole_lines = false;      ///< whether there is any line with an end
  std::uint64_t good_bytes = 0;  ///< up to here the journal is to be kept
  std::uint64_t bytes = 0;
};

/// The journal cannot be used; the message says why. `in_use`: another run holds it.
class JournalError : public std::runtime_error {
 public:
  JournalError(const std::string& message, bool in_use)
      : std::runtime_error(message), in_use_(in_use) {}
  [[nodiscard]] bool in_use() const { return in_use_; }

 private:
  bool in_use_;
};

/// An open journal, locked against other runs. Records reach the kernel with flush() and the disk
/// within a second of it. Failed writes throw std::system_error that names the file.
class Journal {
 public:
  /// Opens or creates the file and locks it. Throws JournalError.
  explicit Journal(const std::string& path);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  /// Reads all records in order. Damaged lines are skipped and counted.
  JournalCondition read(const std::function<void(const JournalRecord&)>& visit) const;

  /// Cuts everything off after `good_bytes`; 0 empties the journal.
  void truncate(std::uint64_t good_bytes);

  void write_parameters(const RunParameters& parameters);
  void write_start();
  void write_assigned(std::string_view path);
  void write_died(std::string_view path, std::string_view reason);
  void write_result(std::string_view path, const ImageResult& report, const Computer& computer);
  /// The outcomes of an image with these references, or that they have failed.
  void write_pairs(const NumberedPath& image, const ImageResult& report,
                   const std::vector<NumberedPath>& references);
  /// That so many were to be chosen for the image, and these were.
  void write_choice(const NumberedPath& image, std::uint32_t wanted,
                    const std::vector<ChosenPath>& chosen);
  /// Where it was taken, or that this is not known.
  void write_position(std::string_view path, const std::optional<GeoPosition>& position);
  void write_end();

  /// Hands what was written to the kernel.
  void flush();
  /// Waits until all is on disk.
  void sync();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bundle_match::results
