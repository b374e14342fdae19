// How this process was launched, found out before MPI is initialized.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bundle_match::app {

/// This process's rank as the launcher (mpirun, srun) announces it; nothing without a launcher.
[[nodiscard]] std::optional<Rank> announced_rank();

/// Why a world of one rank is not what was meant: a Slurm job of several tasks whose launch did not
/// connect them. Nothing if all is well.
[[nodiscard]] std::optional<std::string> why_not_connected(std::size_t world_size);

/// The command to type to start this job again: the launcher's, if it runs on this host, else these
/// arguments; quoted for a shell.
[[nodiscard]] std::string launch_command(const std::vector<std::string>& arguments);

/// Whether the launcher is PRRTE (Open MPI 5). Of what it reads from its ranks' standard output and
/// error it puts the piece after the last newline before whatever comes next, of either.
[[nodiscard]] bool launcher_mixes_streams();

/// Waits until the launcher has read standard output to its end, if it mixes streams, for some
/// seconds at most. Then what is said on standard error cannot get among lines of the results.
void let_launcher_read_output();

/// Where this rank computes: "cores 0-3 of AMD EPYC 9R14"; empty if not known.
[[nodiscard]] std::string processor_text();

/// Kills what runs on this node of another rank of this job, as its environment tells. For a rank
/// that is silent because it is stopped: the launcher would wait for it for ever.
void kill_rank_on_this_node(Rank rank);

/// Memory of this node, or this job's cgroup limit, if lower. In bytes; 0 if not known.
[[nodiscard]] std::uint64_t memory_bytes();

/// Memory one rank may use by default: nine tenths of that, shared evenly. In bytes; 0 if not
/// known.
[[nodiscard]] std::uint64_t memory_share_bytes(int ranks_on_this_node);

}  // namespace bundle_match::app
