// Calls of SQLite, checked.
// SPDX-License-Identifier: Apache-2.0
#include "sqlite.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <sqlite3.h>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace bundle_match::exports {
namespace {

// SQLite takes ":memory:" and, as it was built, "file:..." for something else than a file.
std::string as_file_name(const std::string& path) {
  return path.starts_with('/') ? path : "./" + path;
}

}  // namespace

void Database::Closer::operator()(sqlite3* handle) const { sqlite3_close(handle); }

Database::Database(std::string path, Mode mode) : path_(std::move(path)) {
  const int flags =
      mode == Mode::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(as_file_name(path_).c_str(), &handle, flags, nullptr);
  handle_.reset(handle);
  if (code != SQLITE_OK) {
    fail();
  }
}

void Database::execute(const char* sql) {
  if (sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
    fail();
  }
}

std::int64_t Database::value_of(std::string_view sql) {
  Statement statement(*this, sql);
  statement.run();
  return statement.integer();
}

bool Database::in_use() {
  const int code = sqlite3_exec(handle_.get(), "BEGIN EXCLUSIVE", nullptr, nullptr, nullptr);
  sqlite3_exec(handle_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
  return code == SQLITE_BUSY;
}

void Database::fail() const {
  const int code = handle_ ? sqlite3_errcode(handle_.get()) & 0xff : SQLITE_NOMEM;
  const int error = handle_ ? sqlite3_system_errno(handle_.get()) : ENOMEM;
  switch (code) {
    case SQLITE_FULL:
      throw std::system_error(ENOSPC, std::generic_category(), path_ + " cannot be written");
    case SQLITE_BUSY:
      throw std::runtime_error(path_ + " is in use by another run or program");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      throw std::runtime_error(path_ + " is damaged, or no database");
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
    case SQLITE_NOMEM:
    case SQLITE_READONLY:
      if (error != 0) {
        throw std::system_error(error, std::generic_category(), path_ + " cannot be used");
      }
      break;
    default:
      break;
  }
  throw std::runtime_error(fmt::format("{}: {}", path_, sqlite3_errmsg(handle_.get())));
}

void Statement::Finalizer::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

Statement::Statement(Database& database, std::string_view sql) : database_(database) {
  sqlite3_stmt* statement = nullptr;
  check(sqlite3_prepare_v2(database.handle(), sql.data(), static_cast<int>(sql.size()), &statement,
                           nullptr));
  statement_.reset(statement);
}

Statement& Statement::bind(int index, std::int64_t value) {
  check(sqlite3_bind_int64(statement_.get(), index, value));
  return *this;
}

Statement& Statement::bind_text(int index, std::string_view value) {
  check(sqlite3_bind_text64(statement_.get(), index, value.data(), value.size(), SQLITE_STATIC,
                            SQLITE_UTF8));
  return *this;
}

Statement& Statement::bind_blob(int index, std::string_view value) {
  check(value.empty() ? sqlite3_bind_null(statement_.get(), index)
                      : sqlite3_bind_blob64(statement_.get(), index, value.data(), value.size(),
                                            SQLITE_STATIC));
  return *this;
}

bool Statement::run() {
  const auto reset = [](sqlite3_stmt* statement) { sqlite3_reset(statement); };
  const std::unique_ptr<sqlite3_stmt, decltype(reset)> at_end(statement_.get(), reset);
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) {
    integer_ = sqlite3_column_int64(statement_.get(), 0);
  } else if (code != SQLITE_DONE) {
    database_.fail();
  }
  return code == SQLITE_ROW;
}

void Statement::check(int code) const {
  if (code != SQLITE_OK) {
    database_.fail();
  }
}

}  // namespace bundle_match::exports
