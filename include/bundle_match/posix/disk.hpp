// What brings files and their names to disk. See atomic_file.hpp for files that appear whole.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace bundle_match {

// All throw std::system_error that names the file.

/// Waits until the file's bytes, or the names in a folder, are on disk.
void sync_to_disk(const std::string& path);
/// Waits for all files of the file system that holds the path.
void sync_file_system(const std::string& path);
/// Whether the file is there, can be read and holds just that.
[[nodiscard]] bool holds(const std::string& path, std::string_view content);
/// Gives the file another name, in place of what has that name.
void rename_file(const std::string& from, const std::string& to);
/// The same, once its bytes are on disk; returns when its name is, too.
void rename_durably(const std::string& from, const std::string& to);
/// If it is there.
void remove_file(const std::string& path);
/// The folder that holds the path.
[[nodiscard]] std::string folder_of(const std::string& path);

}  // namespace bundle_match
