// What a database holds, as text.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sqlite3.h>
#include <stdexcept>
#include <string>
#include <vector>

namespace bundle_match::test {

/// Runs the statements; a row is its columns with | between them.
inline std::vector<std::string> sqlite_rows(const std::string& path, const std::string& sql) {
  sqlite3* database = nullptr;
  std::vector<std::string> rows;
  const auto add = [](void* to, int columns, char** values, char**) {
    std::string row;
    for (int i = 0; i < columns; ++i) {
      row += (i > 0 ? "|" : "") + std::string(values[i] == nullptr ? "NULL" : values[i]);
    }
    static_cast<std::vector<std::string>*>(to)->push_back(row);
    return 0;
  };
  const bool good =
      sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READWRITE, nullptr) == SQLITE_OK &&
      sqlite3_exec(database, sql.c_str(), add, &rows, nullptr) == SQLITE_OK;
  const std::string problem = good ? "" : sqlite3_errmsg(database);
  sqlite3_close(database);
  if (!good) {
    throw std::runtime_error(path + ": " + problem);
  }
  return rows;
}

/// Every row of COLMAP's tables.
inline std::vector<std::string> colmap_rows(const std::string& path) {
  return sqlite_rows(path,
                     "SELECT camera_id, model, width, height, hex(params), prior_focal_length"
                     " FROM cameras ORDER BY 1;"
                     "SELECT image_id, hex(name), camera_id, prior_qw, prior_tx FROM images"
                     " ORDER BY 1;"
                     "SELECT image_id, rows, cols, hex(data) FROM keypoints ORDER BY 1;"
                     "SELECT image_id, rows, cols, hex(data) FROM descriptors ORDER BY 1;"
                     "SELECT pair_id, rows, cols, hex(data) FROM matches ORDER BY 1;"
                     "SELECT pair_id, rows, cols, hex(data), config, hex(F), hex(E), hex(H),"
                     " hex(qvec), hex(tvec) FROM two_view_geometries ORDER BY 1;"
                     "SELECT * FROM sqlite_sequence ORDER BY 1");
}

}  // namespace bundle_match::test
