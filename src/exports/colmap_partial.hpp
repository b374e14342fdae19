// A database of COLMAP that is being written.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/exports/exporter.hpp"
#include "colmap_rows.hpp"
#include "sqlite.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace bundle_match::exports {

/// Whether this program made the file, in its current version.
[[nodiscard]] bool is_ours(Database& database);

/// Holds the file's lock; what is added is a transaction that commit() ends. Errors as those of
/// Database.
class ColmapPartial {
 public:
  /// Makes the file, or goes on with it, also if it was completed. `offset`: of pixel_offset().
  ColmapPartial(const std::string& path, double offset);
  ~ColmapPartial();

  /// Gives the image at this position of the list, from 0, its id, if it has none.
  void add_path(std::int64_t position, std::string_view path);

  [[nodiscard]] bool has_image(std::string_view path);
  [[nodiscard]] bool has_pair(std::string_view reference, std::string_view image);
  void add_image(std::string_view path, const features::DescribedView& image);
  void add_pair(const PairMatches& pair);

  void commit();
  /// Commits, and leaves nothing in the file but what COLMAP knows. Nothing may be called after it.
  void complete();

 private:
  struct Statements;

  void prepare();
  void begin();
  [[nodiscard]] ImageId find_id(std::string_view path);  // 0: none
  [[nodiscard]] ImageId id_of(std::string_view path);    // a new one if there is none
  void insert_path(ImageId id, std::string_view path);
  void write_pair(std::int64_t pair, const PairRows& rows);

  std::string path_;
  double offset_;
  Database database_;
  std::unique_ptr<Statements> statements_;
  ImageId highest_id_ = 0;
  bool in_transaction_ = false;
};

/// A partial database with all that a finished one holds. Appears whole.
void copy_to_partial(const std::string& finished, const std::string& partial);

/// Removes the file, whatever it holds. Throws if another run writes it.
void remove_partial(const std::string& path);

/// Removes the files that SQLite keeps beside a database: it would apply those of an old database
/// to a new one.
void remove_companions(const std::string& database);

}  // namespace bundle_match::exports
