// Expands what the user named (files, directories, globs, lists) to the images of the run.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/path_list.hpp"
#include "command/input_error.hpp"

#include <string>
#include <vector>

namespace bundle_match::app {

struct InputRequest {
  std::vector<std::string> inputs;
  std::vector<std::string> lists;
  bool null_separated = false;
  bool recursive = false;
};

/// All images: first those of the inputs, in the order given, then those of the lists. Directories
/// and globs expand to sorted paths (bytewise). Paths in lists are taken as they are. Throws
/// InputError, also if there is no image at all.
[[nodiscard]] PathList expand_input(const InputRequest& request);

/// The references: `inputs` are their paths, `lists` are read like those of images. Throws
/// InputError.
[[nodiscard]] PathList expand_references(const InputRequest& request);

}  // namespace bundle_match::app
