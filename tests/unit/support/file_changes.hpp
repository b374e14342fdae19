// Tries to change a file through a descriptor, as a process that has been taken over would.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace bundle_match::test {

/// Tries every way to change the file's bytes or size, by this descriptor and by one that is opened
/// anew for writing. The way that worked; empty if none did.
[[nodiscard]] std::string why_changeable(int file);

}  // namespace bundle_match::test
