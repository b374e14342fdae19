// The text that --version prints.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace bundle_match::app {

/// The program's version and those of the libraries that decide results or communication.
[[nodiscard]] std::string version_text();

}  // namespace bundle_match::app
