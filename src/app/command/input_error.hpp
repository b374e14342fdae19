// What is wrong with the input that the user named.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>

namespace bundle_match::app {

/// The input cannot be used; the message names what was wrong with which part.
class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Throws the message in one line, even if a name in it contains line breaks.
[[noreturn]] void throw_input_error(const std::string& message);

}  // namespace bundle_match::app
