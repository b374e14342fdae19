// Puts messages into one line.
// SPDX-License-Identifier: Apache-2.0
#include "command/input_error.hpp"

#include "bundle_match/results/result_writer.hpp"

namespace bundle_match::app {

void throw_input_error(const std::string& message) {
  throw InputError(results::escape_path(message).path);
}

}  // namespace bundle_match::app
