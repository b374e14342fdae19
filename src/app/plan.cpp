// From the command line to the images, with a word on what is wrong.
// SPDX-License-Identifier: Apache-2.0
#include "plan.hpp"

#include "bundle_match/features/image_reader.hpp"
#include "bundle_match/results/result_writer.hpp"
#include "hand_out_order.hpp"
#include "input_expansion.hpp"

#include <cstdio>
#include <limits>
#include <utility>
#include <variant>

namespace bundle_match::app {
namespace {

void expand(Plan& plan, const CommandLine& command) {
  plan.images =
      expand_input({command.inputs, command.lists, command.null_separated, command.recursive});
  if (command.all_pairs) {
    if (plan.images.size() > std::numeric_limits<std::int32_t>::max()) {
      throw InputError("--all-pairs: too many images");
    }
  } else {
    plan.references = expand_references(
        {command.references, command.reference_lists, command.null_separated, false});
  }
  plan.order = hand_out_order(plan.images);
}

}  // namespace

WorkPlan Plan::work() const {
  return command->all_pairs
             ? WorkPlan::of_all_pairs(images.size())
             : WorkPlan(images.size(), static_cast<ReferenceIndex>(references.size()));
}

std::optional<ExitCode> check_references(const Plan& plan) {
  std::optional<ExitCode> code;
  for (std::size_t i = 0; i < plan.references.size(); ++i) {
    const std::string path(plan.references[i]);
    if (const auto why = features::why_not_a_file(path)) {
      plan.console->log().error("reference {}: unreadable: {}", results::escape_path(path).path,
                                *why);
      code = ExitCode::reference_unusable;
    }
  }
  return code;
}

Plan make_plan(int argc, const char* const* argv) {
  Plan plan;
  plan.arguments.assign(argv, argv + argc);
  auto parsed = parse_command_line(argc, argv);
  if (auto* exit_now = std::get_if<ExitNow>(&parsed)) {
    plan.exit_code = exit_now->code;
    plan.console = std::make_unique<Console>(false, false);
    std::fputs(exit_now->text.c_str(), stdout);
    std::fflush(stdout);
    if (!exit_now->message.empty()) {
      plan.console->log().error("{}", exit_now->message);
    }
    return plan;
  }
  auto& command = std::get<CommandLine>(parsed);
  plan.console = std::make_unique<Console>(command.verbose, command.quiet);
  try {
    expand(plan, command);
    plan.command = std::move(command);
  } catch (const InputError& error) {
    plan.console->log().error("{}", error.what());
    plan.exit_code = ExitCode::wrong_usage;
  }
  return plan;
}

}  // namespace bundle_match::app
