// Launchers' variables, and the parameters that Open MPI documents (MCA).
// SPDX-License-Identifier: Apache-2.0
#include "process/mpi_parameters.hpp"

#include <cctype>
#include <cstdlib>
#include <dlfcn.h>
#include <fstream>
#include <string>

namespace bundle_match::app {
namespace {

const std::string kPrefix = "OMPI_MCA_";
constexpr const char* kLayer = "ob1";

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr ? value : "";
}

bool all_ranks_are_on_this_host() {
  if (const std::string ranks = variable("OMPI_COMM_WORLD_SIZE"); !ranks.empty()) {
    return ranks == variable("OMPI_COMM_WORLD_LOCAL_SIZE");
  }
  if (const std::string nodes = variable("SLURM_STEP_NUM_NODES"); !nodes.empty()) {
    return nodes == "1";
  }
  return variable("PMIX_RANK").empty() && variable("PMI_RANK").empty();  // no launcher: it is alone
}

// The parameter's value by the environment, else by the files: lines "PARAMETER = VALUE". Empty if
// it has none.
std::string parameter(const std::string& name, const std::vector<std::filesystem::path>& files) {
  std::string value = variable((kPrefix + name).c_str());
  for (auto path = files.begin(); path != files.end() && value.empty(); ++path) {
    std::ifstream file(*path);
    for (std::string line; std::getline(file, line);) {
      std::erase_if(line, [](unsigned char c) { return std::isspace(c) != 0; });
      if (line.starts_with(name + "=")) {
        value = line.substr(name.size() + 1);
      }
    }
  }
  return value;
}

// "^ucx,ofi": any but these.
bool leaves_out_others(const std::string& value) {
  return value.empty() || (value.front() == '^' && value.find(kLayer) == std::string::npos);
}

}  // namespace

std::vector<std::filesystem::path> mpi_parameter_files() {
  std::vector<std::filesystem::path> files = {
      std::filesystem::path(variable("HOME")) / ".openmpi/mca-params.conf",
      "/etc/openmpi/openmpi-mca-params.conf"};
  // Of an installation in a folder of its own: beside its lib/.
  Dl_info library{};
  if (void* const function = ::dlsym(RTLD_DEFAULT, "MPI_Init");
      function != nullptr && ::dladdr(function, &library) != 0 && library.dli_fname != nullptr) {
    files.push_back(std::filesystem::path(library.dli_fname).parent_path().parent_path() /
                    "etc/openmpi-mca-params.conf");
  }
  return files;
}

void choose_messaging_layer(const std::vector<std::filesystem::path>& parameter_files) {
  // The layers for networks are those of `mtl`; other files are not ours to find.
  const bool free_to_choose = leaves_out_others(parameter("pml", parameter_files)) &&
                              leaves_out_others(parameter("mtl", parameter_files)) &&
                              parameter("mca_base_param_files", {}).empty();
  if (free_to_choose && all_ranks_are_on_this_host()) {
    ::setenv((kPrefix + "pml").c_str(), kLayer, 1);
  }
}

}  // namespace bundle_match::app
