// bundle_match: start the fork server, prepare the command on rank 0, start MPI, run, leave.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/compute/fork_server.hpp"
#include "bundle_match/transport/link.hpp"
#include "process/exit_code.hpp"
#include "process/launch.hpp"
#include "process/mpi_parameters.hpp"
#include "process/signals.hpp"
#include "rank0/job_run.hpp"
#include "summarize/summarize.hpp"

#include <cstdio>
#include <exception>
#include <optional>
#include <utility>

namespace {

using namespace bundle_match;
using app::ExitCode;

// Runs this rank's part; what goes wrong beyond the run's own exit codes ends the whole job.
ExitCode run(transport::Link& link, std::optional<app::PreparedCommand> prepared, int argc,
             char** argv, compute::ForkServer& fork_server) {
  try {
    if (link.rank() != kRank0) {
      app::run_other_rank(link, fork_server);
      return ExitCode::all_matched;
    }
    if (!prepared && app::why_not_connected(link.size())) {
      return ExitCode::wrong_usage;  // the task that is announced as rank 0 says why
    }
    if (!prepared) {
      prepared = app::prepare_command(argc, argv);
    }
    return app::run_rank_0(std::move(*prepared), link, fork_server);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bundle_match: error: rank %d: %s\n", link.rank().value(), error.what());
    if (link.rank() != kRank0) {
      // One rank less: whether the others go on is for the launcher to decide.
      transport::Link::leave(app::to_int(ExitCode::internal_error));
    }
    link.abort(app::to_int(ExitCode::internal_error));
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (app::is_summarize(argc, argv)) {
      return app::to_int(app::summarize(argc, argv));
    }
    compute::ForkServer fork_server;
    // Before MPI_Init, so that a mistake in the command is told at once, whatever the number of
    // ranks. The others hear of it from rank 0.
    const auto rank = app::announced_rank();
    if (rank.value_or(kRank0) == kRank0) {
      app::end_at_once_on_signals();
    } else {
      app::ignore_end_signals();
    }
    std::optional<app::PreparedCommand> prepared;
    if (rank.value_or(kRank0) == kRank0) {
      prepared = app::prepare_command(argc, argv);
      if (!rank && !prepared->command) {
        return app::to_int(prepared->exit_code);  // no launcher, so nobody else to tell
      }
    }
    app::choose_messaging_layer(app::mpi_parameter_files());
    transport::Link link(argc, argv);
    return app::to_int(run(link, std::move(prepared), argc, argv, fork_server));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bundle_match: error: %s\n", error.what());
    return app::to_int(ExitCode::internal_error);
  }
}
