// The cores that the threads of this process have.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace bundle_match::compute {

/// For the user, if a process of so many threads is bound to fewer cores although its machine has
/// more: how the job is started with more for each rank. Empty if nothing can be gained.
std::string why_threads_share_cores(int threads, int allowed_cores, int cores_of_machine);

/// The same of this process, as it is bound now.
std::string why_threads_share_cores(int threads);

}  // namespace bundle_match::compute
