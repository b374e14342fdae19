// Runs tests that compute: with a fork server, which has to be there before MPI.
// SPDX-License-Identifier: Apache-2.0
#include "fork_server.hpp"
#include "mpi_environment.hpp"
#include "support/synthetic_images.hpp"

#include <cstdio>
#include <cstdlib>
#include <exception>

namespace bundle_match::test {
namespace {

compute::ForkServer* fork_server_of_tests = nullptr;

}  // namespace

compute::ForkServer& fork_server() { return *fork_server_of_tests; }

}  // namespace bundle_match::test

int main(int argc, char** argv) {
  try {
    bundle_match::test::keep_opencv_single_threaded();
    bundle_match::compute::ForkServer fork_server;
    bundle_match::test::fork_server_of_tests = &fork_server;
    return bundle_match::test::run_mpi_tests(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return EXIT_FAILURE;
  }
}
