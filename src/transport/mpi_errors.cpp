// Classes of MPI's errors.
// SPDX-License-Identifier: Apache-2.0
#include "mpi_errors.hpp"

#include "bundle_match/transport/link.hpp"

#include <mpi.h>

#include <array>
#include <limits>
#include <string>
#ifdef OPEN_MPI
#include <mpi-ext.h>
#endif

namespace bundle_match::transport {
namespace {

[[noreturn]] void throw_error(const char* call, int code) {
  std::array<char, MPI_MAX_ERROR_STRING> text{};
  int size = 0;
  MPI_Error_string(code, text.data(), &size);
  throw LinkError(std::string(call) + ": " +
                  std::string(text.data(), static_cast<std::size_t>(size)));
}

int class_of(int code) {
  int error_class = MPI_ERR_UNKNOWN;
  MPI_Error_class(code, &error_class);
  return error_class;
}

}  // namespace

bool tells_of_dead_rank(int error_class) {
  switch (error_class) {
#ifdef MPIX_ERR_PROC_FAILED
    case MPIX_ERR_PROC_FAILED:
    case MPIX_ERR_PROC_FAILED_PENDING:
    case MPIX_ERR_REVOKED:
      return true;
#endif
#ifdef MPI_ERR_PROC_ABORTED
    case MPI_ERR_PROC_ABORTED:
      return true;
#endif
    default:
      return false;
  }
}

// Without ULFM, Open MPI 4 has no word for a peer that is gone. Over TCP and shared memory its
// messages stay under way for ever. Over libfabric they end with MPI_ERR_INTERN, which is also what
// it makes of "unreachable"; other failures of a network are MPI_ERR_OTHER.
bool tells_of_lost_peer(int error_class) {
  return error_class == MPI_ERR_INTERN || error_class == MPI_ERR_OTHER ||
         tells_of_dead_rank(error_class);
}

bool succeeded(const char* call, int code) {
  if (code != MPI_SUCCESS && !tells_of_dead_rank(class_of(code))) {
    throw_error(call, code);
  }
  return code == MPI_SUCCESS;
}

bool reached_peer(const char* call, int code) {
  if (code != MPI_SUCCESS && !tells_of_lost_peer(class_of(code))) {
    throw_error(call, code);
  }
  return code == MPI_SUCCESS;
}

int mpi_count(std::size_t size_bytes, Rank to) {
  constexpr int kMost = std::numeric_limits<int>::max();
  if (size_bytes > static_cast<std::size_t>(kMost)) {
    throw LinkError("a message of " + std::to_string(size_bytes) + " bytes to rank " +
                    std::to_string(to.value()) + "; MPI takes up to " + std::to_string(kMost));
  }
  return static_cast<int>(size_bytes);
}

}  // namespace bundle_match::transport
