// Turns an outcome into an exit code; no other place does.
// SPDX-License-Identifier: Apache-2.0
#include "process/exit_code.hpp"

#include <variant>

namespace bundle_match::app {
namespace {

struct ToExitCode {
  ExitCode operator()(const Finished& it) const {
    return it.some_failed ? ExitCode::some_images_failed : ExitCode::all_matched;
  }
  ExitCode operator()(const Interrupted& /*it*/) const { return ExitCode::interrupted; }
  ExitCode operator()(const ReferenceUnusable& /*it*/) const {
    return ExitCode::reference_unusable;
  }
  ExitCode operator()(const Refused& /*it*/) const { return ExitCode::wrong_usage; }
  ExitCode operator()(const OutputLost& /*it*/) const { return ExitCode::wrong_usage; }
  ExitCode operator()(const Defect& /*it*/) const { return ExitCode::internal_error; }
};

}  // namespace

ExitCode exit_code_of(const Outcome& outcome) { return std::visit(ToExitCode{}, outcome); }

}  // namespace bundle_match::app
