// How a run ended, as a value. Exit codes are made of it in one place.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <variant>

namespace bundle_match {

/// Every image has a result, and all that the run writes is written.
struct Finished {
  bool some_failed = false;  ///< some images have another status than ok

  friend bool operator==(const Finished&, const Finished&) = default;
};

/// It was asked to end before all was done; the same command goes on from there.
struct Interrupted {
  friend bool operator==(const Interrupted&, const Interrupted&) = default;
};

/// A reference cannot be used.
struct ReferenceUnusable {
  friend bool operator==(const ReferenceUnusable&, const ReferenceUnusable&) = default;
};

/// What the command asks for cannot be done, which the user was told.
struct Refused {
  friend bool operator==(const Refused&, const Refused&) = default;
};

/// What the run writes could not be written.
struct OutputLost {
  std::string error;

  friend bool operator==(const OutputLost&, const OutputLost&) = default;
};

/// The program, or the machine that it runs on, has failed.
struct Defect {
  std::string what;

  friend bool operator==(const Defect&, const Defect&) = default;
};

using Outcome = std::variant<Finished, Interrupted, ReferenceUnusable, Refused, OutputLost, Defect>;

}  // namespace bundle_match
