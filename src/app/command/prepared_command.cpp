// Prepares the command: parses it, finds the images, reports mistakes.
// SPDX-License-Identifier: Apache-2.0
#include "command/prepared_command.hpp"

#include "command/given_pairs.hpp"
#include "command/hand_out_order.hpp"
#include "command/input_expansion.hpp"

#include <cstdio>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

namespace bundle_match::app {
namespace {

void expand(PreparedCommand& prepared, const CommandLine& command) {
  const bool any_input = !command.inputs.empty() || !command.lists.empty();
  if (any_input || command.pair_lists.empty()) {
    prepared.images =
        expand_input({command.inputs, command.lists, command.null_separated, command.recursive});
  }
  PathList references = expand_references(
      {command.references, command.reference_lists, command.null_separated, false});
  if (command.among_images()) {
    GivenPairs given = given_pairs(command, references, prepared.images);
    prepared.pairs = std::make_shared<const PairSet>(std::move(given.pairs));
    prepared.reference_images = std::move(given.references);
  } else {
    prepared.references = std::move(references);
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
