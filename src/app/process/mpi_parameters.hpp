// Parameters of Open MPI that this program sets for itself.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <vector>

namespace bundle_match::app {

/// The files from which Open MPI takes parameters that no environment variable sets: the user's and
/// the installation's.
[[nodiscard]] std::vector<std::filesystem::path> mpi_parameter_files();

/// Chooses Open MPI's own messaging layer (pml ob1) if all ranks are on this host and neither the
/// environment nor those files name or rule out one. On one host it is as fast as the layers for
/// networks, which take MPI_Init three quarters of its time to look for. To be called before
/// MPI_Init.
void choose_messaging_layer(const std::vector<std::filesystem::path>& parameter_files);

}  // namespace bundle_match::app
