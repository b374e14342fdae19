// Runs tests that need nothing but the link.
// SPDX-License-Identifier: Apache-2.0
#include "mpi_environment.hpp"

int main(int argc, char** argv) { return bundle_match::test::run_mpi_tests(argc, argv); }
