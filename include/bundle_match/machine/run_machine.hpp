// Rank 0's decisions: who works on what, who is lost, what is kept, when the run is over. Events
// and the time in, actions out; no clock, no MPI, no file, no log, no thread. The same machine runs
// under MPI and in a simulation.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/by_id.hpp"
#include "bundle_match/core/host_table.hpp"
#include "bundle_match/core/ids.hpp"
#include "bundle_match/core/scheduler.hpp"
#include "bundle_match/core/silence_monitor.hpp"
#include "bundle_match/machine/backlog.hpp"
#include "bundle_match/machine/core_lending.hpp"
#include "bundle_match/machine/credit_meter.hpp"
#include "bundle_match/machine/feature_keeping.hpp"
#include "bundle_match/machine/missing_files.hpp"
#include "bundle_match/machine/reference_sharing.hpp"
#include "bundle_match/machine/run_actions.hpp"
#include "bundle_match/machine/run_events.hpp"
#include "bundle_match/machine/time.hpp"

#include <optional>
#include <string>
#include <vector>

namespace bundle_match::machine {

struct RunSettings {
  ById<Rank, std::string> hosts;  ///< those of one name share memory and files
  Duration rank_timeout{};        ///< a rank that is silent for longer is lost; 0: never
  bool sends_files = false;       ///< orders carry files, so that none is sent far ahead
  int threads = 1;                ///< of each rank, within an image
  Backlog::Bounds backlog;        ///< what the sink may have to keep until no more is handed out
};

/// The run goes from stage to stage. At the start and whenever the tasks of a stage are done, it
/// asks the sink for the next one (OpenStage). When there is none, it says goodbye to the ranks,
/// has the ending written, and finishes. Ranks that are lost on the way cost time, not results.
class RunMachine {
 public:
  RunMachine(RunSettings settings, Time now);

  /// Appends what is to be done to `actions`, in order. The first call asks for the first stage.
  /// Throws std::logic_error if the sink opens a stage that it must not.
  void handle(Time now, RunEvent event, std::vector<RunAction>& actions);

  /// What each rank works on.
  [[nodiscard]] const Scheduler& scheduler() const { return scheduler_; }
  /// Where features are, if hosts keep them.
  [[nodiscard]] const std::optional<FeatureKeeping>& features() const { return features_; }
  /// Whether tasks are being handed out, or their results awaited.
  [[nodiscard]] bool working() const { return state_ == State::working; }
  /// Whether the run was asked to end.
  [[nodiscard]] bool end_asked() const { return give_up_at_.has_value(); }
  [[nodiscard]] bool over() const { return state_ == State::over; }

 private:
  enum class State {
    opening,     // the sink prepares the next stage
    working,     // tasks are handed out, or their results awaited
    abandoning,  // the sink is told that the run ends early
    goodbyes,    // ranks are told to stop
    ending,      // the sink writes the summary
    leaving,     // ranks were lost, and the others are told to leave
    over,
  };
  struct RankState {
    bool started = false;
    bool has_references = false;
    bool said_goodbye = false;
    std::size_t waiting = 0;  // orders, if all that it has wait for references
  };

  // One for each event.
  void on(FromRank& event);
  void on(const RankDied& event);
  void on(const RankTalksNonsense& event);
  void on(const FileLookedFor& event);
  void on(const Stored& event);
  void on(StageOpened& event);
  void on(const ReferencesMade& event);
  void on(const LostFound& event);
  void on(const WorkOver& event);
  void on(const EndingWritten& event);
  void on(const SinkFailed& event);
  void on(const EndAsked& event);
  void on(const Tick& event);

  // One for each message of a rank.
  void take(Rank rank, const Hello& hello);
  void take(Rank rank, OrderResult& result);
  void take(Rank rank, const ProcessDied& died);
  void take(Rank rank, const StillAlive& alive);
  void take(Rank rank, const WantsReferences& wants);
  void take(Rank rank, const HasReferences& has);
  void take(Rank rank, const Goodbye& goodbye);
  void take(Rank rank, const WaitsForReferences& waits);
  void take(Rank rank, const WantsGreeting& wants);
  void take(Rank rank, const LacksFeatures& lacks);
  void take(Rank rank, const CannotKeepFeatures& cannot);
  void take(Rank rank, const CannotShareFeatures& cannot);

  void share_references(const SharedFile& file);
  void keep_features(const KeptImages& images);
  [[nodiscard]] bool names_no_rank(const OrderResult& result) const;
  void note_features(TaskId task, const OrderResult& result);
  void find_lost();
  void resume_if_possible();
  void give_work(Rank rank);
  void give_references(Rank rank);
  void hand_out(const std::vector<Assignment>& assignments);
  void send_references(const std::vector<ReferenceSharing::Message>& messages);
  void keep(Rank rank, TaskId task, OrderResult result, bool rank_0_sees_file);
  void lose(Rank rank, const std::string& how);
  void lose_and_kill(Rank rank, const std::string& how);
  void kill_who_is_stuck();
  void stop_work();
  void say_goodbye(Outcome outcome);
  void send_to_all(const CoordinatorMessage& message);
  void send(Rank rank, const CoordinatorMessage& message);
  void note_activity(Rank rank);
  void note_all_activities();
  void lend_cores();
  void go_on();
  [[nodiscard]] ReferenceIndex described_by(TaskId task) const {
    return ReferenceIndex(static_cast<std::uint32_t>(task - first_describing_));
  }
  [[nodiscard]] bool all_said_goodbye() const;
  [[nodiscard]] bool is_live(Rank rank) const { return !scheduler_.is_lost(rank); }

  RunSettings settings_;
  HostTable hosts_;
  Time now_;
  std::vector<RunAction>* actions_ = nullptr;  // during handle()
  State state_ = State::opening;
  bool begun_ = false;
  ById<Rank, RankState> ranks_;
  Scheduler scheduler_;
  SilenceMonitor silence_;
  std::optional<ReferenceSharing> sharing_;
  std::optional<FeatureKeeping> features_;
  TaskId first_describing_;    // of the stage, if features are kept
  std::size_t questions_ = 0;  // what is lost, that the sink has not answered
  CreditMeter credit_;
  Backlog backlog_;
  bool backlog_was_full_ = false;  // and has no room yet
  MissingFiles missing_;
  CoreLending lending_;
  bool work_needs_references_ = false;
  std::optional<TaskId> rank_0_helps_from_;  // with tasks from that id on
  Time next_alive_;
  std::optional<Time> give_up_at_;  // once the run was asked to end
  Time leave_at_;
  Outcome outcome_;
};

}  // namespace bundle_match::machine
