// A rank's side of its compute process: which orders it is sent, what it is believed, and who is to
// blame when it dies, hangs or lies. Pure: events and the time in, actions out.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/match_options.hpp"
#include "bundle_match/machine/process_events.hpp"
#include "bundle_match/machine/time.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace bundle_match::machine {

/// How long a process may take from its start until it takes orders; then it is a failed start.
inline constexpr std::chrono::seconds kStartLimit{120};

/// There is one process at a time. Every order gets exactly one DeliverResult, unless FailForGood
/// comes; in the order in which they were given, but for those that wait for their references:
///
/// - An order whose references are not there yet is sent ahead of them, so that its image is
///   described; then it waits, and is sent once more when they are given. Others go on meanwhile.
/// - A process that dies is replaced, and the new one gets the orders again. The first order is to
///   blame: it becomes a suspect. A suspect that a second process dies of is `crashed`.
/// - A suspect is sent alone, when all before it are done, so that nothing else can be blamed.
/// - A process that leaves because it needs decoders is not blamed, once: all later ones have them.
/// - A process that breaks the protocol is not believed, but treated as if it had died.
/// - An order may take `timeout_s` from when it is the first one of a process that is ready, and
///   again from each pair that the process reports as done; then it is `timed-out`.
/// - Three starts in a row that fail are too many.
class ProcessSupervisor {
 public:
  explicit ProcessSupervisor(const MatchOptions& options) : options_(options) {}

  /// To be called once, before handle().
  void start(std::vector<ProcessAction>& actions);

  /// Appends what is to be done to `actions`, in order.
  void handle(Time now, ProcessEvent&& event, std::vector<ProcessAction>& actions);

  /// Orders that can only go on when the references are given.
  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }

  /// When TimePassed will change something; nothing: only other events do.
  [[nodiscard]] std::optional<Time> deadline() const { return deadline_; }

 private:
  enum class State {
    none,      // no process is wanted
    starting,  // it does not take orders yet, but they are sent already
    ready,
    ending,  // it is being ended; another one follows
    failed,
  };

  struct Pending {
    OrderId order;
    Work work;
    std::uint32_t attempts = 0;  // that a process died in
    bool has_files = false;
    bool has_features = false;
    bool ahead = false;            // as it was sent
    std::uint32_t pairs_done = 0;  // as the process says
  };

  // Whom the end of a process is counted against: its start or, once ready, the first order.
  enum class Blame { nobody, somebody };

  void on(OrderGiven& event);
  void on(const ProcessStarted& event);
  void on(const ProcessNotStarted& event);
  void on(ProcessSaid& event);
  void on(const ProcessSaidNonsense& event);
  void on(const ProcessClosed& event);
  void on(const ProcessEnded& event);
  void on(const ReferencesGiven& event);
  void on(const TimePassed& event);

  void take(ProcessReady& ready);
  void take(const StillComputing& still_computing);
  void take(ComputeResult& result);
  void take(const ImagePrepared& prepared);

  [[nodiscard]] bool has_process() const {
    return state_ == State::starting || state_ == State::ready;
  }
  [[nodiscard]] std::optional<std::string> why_unbelievable(const ComputeResult& result) const;

  void start_process();
  void end_process(Blame blame, std::string complaint = {});
  void count_failed_start(const std::string& how);
  void blame_first(const std::string& how, bool may_be_silent);
  void send_pending();
  void finish_first(ImageStatus status, std::string reason);
  Pending take_first();
  void go_on();
  void allow_time();
  [[nodiscard]] bool lacks_references(const Pending& it) const;

  const MatchOptions options_;
  Time now_;
  std::vector<ProcessAction>* actions_ = nullptr;  // during start() and handle()
  State state_ = State::none;
  std::deque<Pending> pending_;
  std::size_t sent_ = 0;         // so many of them, from the first, to the process that there is
  std::size_t sent_files_ = 0;   // of these, how many with files
  std::deque<Pending> waiting_;  // for references, their images described where there are any
  bool references_ = false;      // they are there
  // Of the process that is being ended:
  Blame blame_ = Blame::nobody;
  bool was_ready_ = false;
  std::string complaint_;  // what it did; empty: it ended by itself, and how is not known yet
  std::optional<Time> deadline_;  // of the first order or of the start
  int failed_starts_ = 0;         // in a row
  bool told_ready_ = false;
  bool decoders_ = false;  // processes are started with them
};

}  // namespace bundle_match::machine
