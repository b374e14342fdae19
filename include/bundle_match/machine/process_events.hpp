// What happens to a rank's compute process, and what its supervisor wants done.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/compute_messages.hpp"
#include "bundle_match/core/ids.hpp"
#include "bundle_match/core/work.hpp"

#include <cstdint>
#include <string>
#include <variant>

namespace bundle_match::machine {

/// There is an order to compute.
struct OrderGiven {
  OrderId order;
  Work work;
  std::uint32_t deaths = 0;   ///< of processes that died of the image in earlier runs
  bool has_files = false;     ///< files go to the process with it
  bool has_features = false;  ///< those that it needs are in the host's store
};

/// The answer to StartProcess: it runs.
struct ProcessStarted {};

/// The answer to StartProcess: it does not, "could not be forked: ...".
struct ProcessNotStarted {
  std::string how;
};

/// The process has sent a message. Its values are in their ranges, but it is not to be believed.
struct ProcessSaid {
  ComputeMessage message;
};

/// The process has sent what is no message, or a result whose features are none.
struct ProcessSaidNonsense {
  std::string why;
};

/// The process has closed its socket: it has ended, or is about to.
struct ProcessClosed {};

/// Why a process has left by itself, so that another one computes the same order.
enum class ProcessNeeds {
  nothing,       ///< it has not
  fresh_memory,  ///< an earlier image had fragmented its own
  decoders,      ///< those that are loaded on demand
};

/// The answer to EndProcess: how it ended, which may have been before.
struct ProcessEnded {
  ProcessNeeds needs = ProcessNeeds::nothing;
  std::string how;  ///< "was killed by signal 9 (Killed)"
};

/// The references are there: orders that are sent from now on can be matched with them.
struct ReferencesGiven {};

/// Time has passed. To be told often, also when nothing happens.
struct TimePassed {};

using ProcessEvent =
    std::variant<OrderGiven, ProcessStarted, ProcessNotStarted, ProcessSaid, ProcessSaidNonsense,
                 ProcessClosed, ProcessEnded, ReferencesGiven, TimePassed>;

/// Start a process. What SendOrder asks for from now on goes to it.
struct StartProcess {
  bool with_decoders = false;  ///< those that are loaded on demand
};

/// Kill the process if it still runs, and find out how it ended. What it has sent and was not read
/// is of no interest any more.
struct EndProcess {};

/// Send the order that was given to the process.
struct SendOrder {
  OrderId order;
  bool ahead = false;  ///< of its references: the image is to be prepared
};

/// The first process takes orders. Comes once.
struct DeliverReady {
  ProcessReady ready;
};

/// The result of an order; the order is done. The result is the process's, with what it has for the
/// cache, or the supervisor's own.
struct DeliverResult {
  ComputeResult result;
};

/// A process died of that order, which is tried once more.
struct DeliverDeath {
  ProcessDied death;
};

/// Nothing can be computed any more. Nothing follows.
struct FailForGood {
  std::string why;
};

using ProcessAction = std::variant<StartProcess, EndProcess, SendOrder, DeliverReady, DeliverResult,
                                   DeliverDeath, FailForGood>;

}  // namespace bundle_match::machine
