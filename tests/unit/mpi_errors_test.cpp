// What MPI's errors mean, for every class of them; and how long a message may be.
// SPDX-License-Identifier: Apache-2.0
#include "mpi_errors.hpp"

#include "bundle_match/transport/link.hpp"
#include "support/id_literals.hpp"

#include <gtest/gtest.h>
#include <mpi.h>

#include <climits>
#include <set>
#include <string>
#ifdef OPEN_MPI
#include <mpi-ext.h>
#endif

namespace bundle_match::transport {
namespace {

std::set<int> classes_of_dead_ranks() {
  std::set<int> classes;
#ifdef MPIX_ERR_PROC_FAILED
  classes.insert({MPIX_ERR_PROC_FAILED, MPIX_ERR_PROC_FAILED_PENDING, MPIX_ERR_REVOKED});
#endif
#ifdef MPI_ERR_PROC_ABORTED
  classes.insert(MPI_ERR_PROC_ABORTED);
#endif
  return classes;
}

TEST(MpiErrors, OfDeadRanksAreThoseOfUlfm) {
  const std::set<int> dead = classes_of_dead_ranks();
  for (int error_class = MPI_SUCCESS; error_class <= MPI_ERR_LASTCODE; ++error_class) {
    EXPECT_EQ(tells_of_dead_rank(error_class), dead.contains(error_class)) << error_class;
  }
}

TEST(MpiErrors, OfALostPeerAreAlsoThoseWithoutABetterName) {
  std::set<int> lost = classes_of_dead_ranks();
  lost.insert({MPI_ERR_INTERN, MPI_ERR_OTHER});
  for (int error_class = MPI_SUCCESS; error_class <= MPI_ERR_LASTCODE; ++error_class) {
    EXPECT_EQ(tells_of_lost_peer(error_class), lost.contains(error_class)) << error_class;
  }
}

TEST(MpiCount, IsUpToTheLargestInt) {
  constexpr std::size_t kMost = INT_MAX;
  EXPECT_EQ(mpi_count(0, 1_rank), 0);
  EXPECT_EQ(mpi_count(kMost, 1_rank), INT_MAX);
  EXPECT_THROW((void)mpi_count(kMost + 1, 1_rank), LinkError);
  EXPECT_THROW((void)mpi_count(std::size_t{1} << 32, 1_rank), LinkError);
  try {
    (void)mpi_count(3000000000, 17_rank);
    ADD_FAILURE() << "not thrown";
  } catch (const LinkError& error) {
    EXPECT_NE(std::string(error.what()).find("3000000000"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("rank 17"), std::string::npos);
  }
}

}  // namespace
}  // namespace bundle_match::transport
