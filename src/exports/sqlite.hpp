// SQLite's handles with an owner, and its errors as exceptions.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace bundle_match::exports {

/// Errors throw std::system_error (disk full, no permission, ...) or std::runtime_error; they name
/// the file.
class Database {
 public:
  enum class Mode : std::uint8_t { read_only, read_write };

  /// read_write makes the file if there is none.
  Database(std::string path, Mode mode);

  /// One or more statements that give no rows, or rows that nobody needs.
  void execute(const char* sql);
  /// The first column of the first row, as of a PRAGMA.
  [[nodiscard]] std::int64_t value_of(std::string_view sql);
  /// Whether another connection holds a lock; a file that is no database has none.
  [[nodiscard]] bool in_use();
  /// Throws what went wrong last.
  [[noreturn]] void fail() const;

  [[nodiscard]] sqlite3* handle() const { return handle_.get(); }

 private:
  struct Closer {
    void operator()(sqlite3* handle) const;
  };

  std::string path_;
  std::unique_ptr<sqlite3, Closer> handle_;
};

/// A prepared statement, to be run many times. Ends before its database does.
class Statement {
 public:
  Statement(Database& database, std::string_view sql);

  /// Values for the parameters, from 1. Text and blobs are not copied: they live until the end of
  /// the run. An empty blob is NULL.
  Statement& bind(int index, std::int64_t value);
  Statement& bind_text(int index, std::string_view value);
  Statement& bind_blob(int index, std::string_view value);

  /// Runs it to its first row; whether there is one.
  bool run();
  /// The first column of that row.
  [[nodiscard]] std::int64_t integer() const { return integer_; }

 private:
  struct Finalizer {
    void operator()(sqlite3_stmt* statement) const;
  };

  void check(int code) const;

  Database& database_;
  std::unique_ptr<sqlite3_stmt, Finalizer> statement_;
  std::int64_t integer_ = 0;
};

}  // namespace bundle_match::exports
