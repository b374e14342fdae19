// From what the user named (files, directories, globs, lists) to the images of the run.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "bundle_match/core/messages.hpp"
#include "bundle_match/core/path_list.hpp"

namespace bundle_match::app {

/// The input cannot be used; the message names what was wrong with which part.
class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

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

/// The order to hand images out in: largest files first, so that the last image does not keep one
/// rank alone at work; the input's order if asking for the sizes takes too long.
[[nodiscard]] std::vector<ImageIndex> hand_out_order(const PathList& paths);

}  // namespace bundle_match::app
