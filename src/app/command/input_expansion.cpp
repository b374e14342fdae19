// Expands directories, globs and lists.
// SPDX-License-Identifier: Apache-2.0
#include "command/input_expansion.hpp"

#include "command/list_lines.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <glob.h>
#include <sys/stat.h>
#include <vector>

namespace bundle_match::app {
namespace {

namespace fs = std::filesystem;

// Extensions of the formats that cv::imread of a full build reads.
constexpr std::array<std::string_view, 23> kImageExtensions = {
    ".bmp", ".dib", ".exr", ".hdr", ".jp2",  ".jpe",  ".jpeg", ".jpg",
    ".pam", ".pbm", ".pfm", ".pgm", ".pic",  ".png",  ".pnm",  ".ppm",
    ".pxm", ".ras", ".sr",  ".tif", ".tiff", ".webp", ".avif"};

bool has_image_extension(const fs::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; });
  return std::find(kImageExtensions.begin(), kImageExtensions.end(), extension) !=
         kImageExtensions.end();
}

template <class Iterator>
std::vector<std::string> images_below(const std::string& directory) {
  std::vector<std::string> found;
  try {
    for (const fs::directory_entry& entry : Iterator(directory)) {
      std::error_code ignored;
      if (has_image_extension(entry.path()) && !entry.is_directory(ignored)) {
        found.push_back(entry.path().string());
      }
    }
  } catch (const fs::filesystem_error& error) {
    throw_input_error(
        fmt::format("{}: cannot be listed: {}", error.path1().string(), error.code().message()));
  }
  std::sort(found.begin(), found.end());
  return found;
}

void add_all(PathList& paths, const std::vector<std::string>& more) {
  for (const std::string& path : more) {
    paths.add(path);
  }
}

void add_directory(PathList& paths, const std::string& directory, bool recursive) {
  const auto found = recursive ? images_below<fs::recursive_directory_iterator>(directory)
                               : images_below<fs::directory_iterator>(directory);
  if (found.empty()) {
    throw_input_error(fmt::format("{}: no image in this directory{}", directory,
                                  recursive ? "" : " (--recursive descends into those below)"));
  }
  add_all(paths, found);
}

void add_glob(PathList& paths, const std::string& pattern) {
  glob_t matches{};
  const int error = ::glob(pattern.c_str(), GLOB_BRACE | GLOB_TILDE, nullptr, &matches);
  std::vector<std::string> found;
  if (error == 0) {
    found.assign(matches.gl_pathv, matches.gl_pathv + matches.gl_pathc);
  }
  ::globfree(&matches);
  if (error != 0) {
    throw_input_error(fmt::format(
        "{}: {}", pattern, error == GLOB_NOMATCH ? "no file matches" : "cannot be expanded"));
  }
  std::sort(found.begin(), found.end());  // glob(3) sorts each alternative of {...} by itself
  add_all(paths, found);
}

void add_input(PathList& paths, const std::string& input, bool recursive) {
  struct stat status {};
  if (::stat(input.c_str(), &status) == 0) {
    // A file whose name looks like a glob is that file.
    if (S_ISDIR(status.st_mode)) {
      add_directory(paths, input, recursive);
    } else {
      paths.add(input);
    }
    return;
  }
  const int error = errno;
  if (input.find_first_of("*?[{") != std::string::npos) {
    add_glob(paths, input);
    return;
  }
  throw_input_error(fmt::format("{}: {}", input, std::strerror(error)));
}

// `option` is where the list was named.
void add_list(PathList& paths, const std::string& list, bool null_separated, const char* option) {
  const std::size_t before = paths.size();
  read_lines(option, list, null_separated ? '\0' : '\n', [&](std::string_view line) {
    if (!line.empty()) {
      paths.add(line);
    }
  });
  if (paths.size() == before) {
    throw_input_error(fmt::format("{} {}: no path in it", option, name_of_list(list)));
  }
}

}  // namespace

PathList expand_input(const InputRequest& request) {
  PathList paths;
  for (const std::string& input : request.inputs) {
    add_input(paths, input, request.recursive);
  }
  for (const std::string& list : request.lists) {
    add_list(paths, list, request.null_separated, "--list");
  }
  if (paths.empty()) {
    throw_input_error("no image in the input");
  }
  return paths;
}

PathList expand_references(const InputRequest& request) {
  PathList paths;
  for (const std::string& input : request.inputs) {
    paths.add(input);
  }
  for (const std::string& list : request.lists) {
    add_list(paths, list, request.null_separated, "--reference-list");
  }
  return paths;
}

}  // namespace bundle_match::app
