// What a compute process may use, and how it keeps what it has.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace bundle_match::compute {

/// Lets this process allocate `bytes` beyond what it has now (RLIMIT_DATA counts private writable
/// memory only, not the libraries' code); 0 for no limit. Allocations beyond fail as
/// std::bad_alloc.
void limit_memory(std::uint64_t bytes);

/// No core dump of a process that decodes other people's files.
void disable_core_dumps();

/// Keeps freed memory for the next image: what is given back, the kernel has to zero again page by
/// page, a third of the time of SIFT.
void keep_freed_memory();

}  // namespace bundle_match::compute
