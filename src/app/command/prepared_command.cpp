// Prepares the command: parses it, finds the images, reports mistakes.
// SPDX-License-Identifier: Apache-2.0
#include "command/prepared_command.hpp"

#include "command/hand_out_order.hpp"
#include "command/input_expansion.hpp"

#include <cstdio>
#include <limits>
#include <utility>
#include <variant>

namespace bundle_match::app {
namespace {

void expand(PreparedCommand& prepared, const CommandLine& command) {
  prepared.images =
      expand_input({command.inputs, command.lists, command.null_separated, command.recursive});
  if (command.all_pairs) {
    if (prepared.images.size() > std::numeric_limits<std::int32_t>::max()) {
      throw InputError("--all-pairs: too many images");
    }
  } else {
    prepared.references = expand_references(
        {command.references, command.reference_lists, command.null_separated, false});
  }
  prepared.order = hand_out_order(prepared.images);
}

}  // namespace

PreparedCommand prepare_command(int argc, const char* const* argv) {
  PreparedCommand prepared;
  prepared.arguments.assign(argv, argv + argc);
  auto parsed = parse_command_line(argc, argv);
  if (auto* exit_now = std::get_if<ExitNow>(&parsed)) {
    prepared.exit_code = exit_now->code;
    prepared.console = std::make_unique<Console>(false, false);
    std::fputs(exit_now->text.c_str(), stdout);
    std::fflush(stdout);
    if (!exit_now->message.empty()) {
      prepared.console->log().error("{}", exit_now->message);
    }
    return prepared;
  }
  auto& command = std::get<CommandLine>(parsed);
  prepared.console = std::make_unique<Console>(command.verbose, command.quiet);
  try {
    expand(prepared, command);
    prepared.command = std::move(command);
  } catch (const InputError& error) {
    prepared.console->log().error("{}", error.what());
    prepared.exit_code = ExitCode::wrong_usage;
  }
  return prepared;
}

}  // namespace bundle_match::app
