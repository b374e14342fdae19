// What a compute process may use, and how it keeps what it has.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace bundle_match::compute {

/// Lets this process allocate `bytes` beyond what it has now (RLIMIT_DATA counts private writable
/// memory only, not the libraries' code); 0 for no limit. Allocations beyond fail as
/// std::bad_alloc. Mappings of files and reserved addresses may take 1 GiB beside (RLIMIT_AS), and
/// what features::MappedFeatures keeps mapped, the
/// stacks and heaps of `threads` more than one what they reserve, and each of `helpers` that and
/// `helper_bytes`.
void limit_memory(std::uint64_t bytes, int threads = 1, int helpers = 0,
                  std::uint64_t helper_bytes = 0);

/// Lets this process use `timeout_s` of CPU time on each of its threads, and some seconds, from now
/// on; then SIGXCPU ends it. For the case that the rank, which waits that long by the clock, is not
/// there to end it.
void limit_cpu(double timeout_s, int threads = 1);

/// Few open files, and none written beyond the 64 KiB that a decoder may complain; a longer
/// complaint is cut (EFBIG) rather than deadly (SIGXFSZ).
void limit_files();

/// Closes the files that whoever started the job left open for it, but for the standard streams:
/// one may be a launcher's socket. They are those without close-on-exec; nothing else may be.
void close_inherited_files();

/// No core dump of a process that decodes other people's files.
void disable_core_dumps();

/// Keeps freed memory for the next image: what is given back, the kernel has to zero again page by
/// page, a third of the time of SIFT.
void keep_freed_memory();

}  // namespace bundle_match::compute
