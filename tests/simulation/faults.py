# The faults that mutants.py puts into the machines.
# SPDX-License-Identifier: Apache-2.0
import dataclasses


@dataclasses.dataclass(frozen=True)
class Fault:
    what: str
    file: str
    right: str  # must stand there once
    wrong: str


RUN = "src/machine/run_machine.cpp"
MESSAGES = "src/machine/run_machine_messages.cpp"
SHARING = "src/machine/reference_sharing.cpp"
WORKER = "src/machine/worker_machine.cpp"
SUPERVISOR = "src/machine/process_supervisor.cpp"
SCHEDULER = "src/core/scheduler.cpp"
SILENCE = "src/core/silence_monitor.cpp"
LENDING = "src/machine/core_lending.cpp"
LANES = "src/core/task_lanes.cpp"
EXCHANGE = "src/machine/feature_exchange.cpp"
KEEPING = "src/machine/feature_keeping.cpp"
KEEPER = "src/machine/feature_keeper.cpp"

FAULTS = (
    # Tasks and results.
    Fault(
        "a late result is taken",
        MESSAGES,
        "  if (!is_live(event.rank)) {\n"
        "    return;  // late: its tasks were handed to others\n"
        "  }\n"
        "  silence_.heard(event.rank, now_);\n",
        "  if (!is_live(event.rank) && std::holds_alternative<OrderResult>(event.message)) {\n"
        "    keep(event.rank, TaskId(0), std::get<OrderResult>(event.message), false);\n"
        "    return;\n"
        "  }\n"
        "  silence_.heard(event.rank, now_);\n",
    ),
    Fault(
        "a lost rank is listened to",
        MESSAGES,
        "  if (!is_live(event.rank)) {\n"
        "    return;  // late: its tasks were handed to others\n"
        "  }\n",
        "",
    ),
    Fault("what a lost rank held is dropped", SCHEDULER, "      put_back(rank, held->task);\n", ""),
    Fault(
        "what a lost rank held is handed out after the run was asked to end",
        SCHEDULER,
        "  if (!stopped_) {\n"
        "    for (auto task = it.reserved",
        "  if (true) {\n"
        "    for (auto task = it.reserved",
    ),
    Fault("a rank may hold one too many", SCHEDULER, "for (; held < most;", "for (; held <= most;"),
    Fault(
        "an idle rank is forgotten when another one is lost",
        SCHEDULER,
        "  fill_all(assignments);\n"
        "  return assignments;\n"
        "}\n"
        "\n"
        "void Scheduler::set_credit",
        "  return assignments;\n"
        "}\n"
        "\n"
        "void Scheduler::set_credit",
    ),
    Fault(
        "a repeated result is kept again",
        MESSAGES,
        "    return;  // late, or a second time\n",
        "    keep(rank, TaskId(0), std::move(result), false);\n"
        "    return;\n",
    ),
    Fault(
        "a rank that starts late gets no work",
        MESSAGES,
        "  if (state_ == State::working) {\n"
        "    give_work(rank);\n"
        "  }\n"
        "}\n"
        "\n"
        "void RunMachine::take(Rank rank, OrderResult",
        "}\n"
        "\n"
        "void RunMachine::take(Rank rank, OrderResult",
    ),
    Fault(
        "the death of a process is not noted",
        MESSAGES,
        "    actions_->emplace_back(KeepDeath{*task, died.reason});\n",
        "",
    ),
    Fault("rank 0's own tasks are handed to all", SCHEDULER, "if (dependence.rank_0_alone) {", "if (false) {"),
    Fault(
        "tasks that wait take the places of those they wait for",
        SCHEDULER,
        "(kind == Kind::independent ? it.dependent_held : 0)",
        "0",
    ),
    Fault(
        "tasks that wait are handed out before those they wait for",
        SCHEDULER,
        "  if (independent_.size() == 0 && !has_reserved(it, Kind::independent)) {\n    give",
        "  if (true) {\n    give",
    ),
    Fault(
        "rank 0 is given what waits for what only rank 0 can do",
        SCHEDULER,
        " && !has_reserved(it, Kind::independent)",
        "",
    ),
    Fault(
        "a task is handed out again and again",
        LANES,
        "tasks_[lane.next++]",
        "tasks_[lane.next + 1 < lane.end ? lane.next++ : lane.next]",
    ),
    Fault(
        "the next stage is asked for at every event",
        RUN,
        "      state_ = State::opening;\n"
        "      actions_",
        "      actions_",
    ),
    # Files that a rank does not see.
    Fault(
        "a result is kept before its file was looked for, and after",
        MESSAGES,
        "    missing_.park(",
        "    keep(rank, *task, OrderResult(result), false);\n"
        "    missing_.park(",
    ),
    Fault("the file is not looked for", MESSAGES, "if (result.not_found &&", "if (false &&"),
    Fault(
        "a result that waits for its file is lost",
        MESSAGES,
        "    keep(parked->rank, parked->task, std::move(parked->result), event.found);\n",
        "",
    ),
    Fault("rank 0's help is forgotten", MESSAGES, "    hand_out(scheduler_.reserve(kRank0, parked->task));\n", ""),
    Fault(
        "rank 0's help goes to any rank",
        MESSAGES,
        "scheduler_.reserve(kRank0,",
        "scheduler_.reserve(parked->rank,",
    ),
    Fault(
        "the stage ends while a file is looked for",
        RUN,
        "scheduler_.finished() && missing_.empty()",
        "scheduler_.finished()",
    ),
    # The sink.
    Fault("nothing pauses while the sink has too much", MESSAGES, "    scheduler_.pause();\n", ""),
    Fault("a pause never ends", RUN, "scheduler_.paused() && !backlog_was_full_", "false"),
    Fault(
        "the outcome of a sink that fails is lost",
        RUN,
        "    say_goodbye(event.outcome);\n"
        "  } else if",
        "    say_goodbye(Finished{});\n"
        "  } else if",
    ),
    Fault(
        "work goes on although the sink has failed",
        RUN,
        "void RunMachine::on(const SinkFailed& event) {\n"
        "  stop_work();\n",
        "void RunMachine::on(const SinkFailed& event) {\n",
    ),
    # The references.
    Fault(
        "work comes before the references",
        MESSAGES,
        "if (!work_needs_references_ || ranks_.at(rank).has_references)",
        "if (true)",
    ),
    Fault("references that were made are not sent", RUN, "    give_references(rank);\n", ""),
    Fault(
        "what waits for references is kept after the run was asked to end",
        RUN,
        "  scheduler_.forget_waiting();\n",
        "",
    ),
    Fault(
        "a run whose references are bad goes on",
        RUN,
        "state_ == State::opening || state_ == State::working || state_ == State::abandoning) {\n"
        "    say_goodbye(event.outcome);\n"
        "  }\n",
        "state_ == State::opening || state_ == State::abandoning) {\n"
        "    say_goodbye(event.outcome);\n"
        "  }\n",
    ),
    Fault(
        "references are not sent anew when who got them is lost",
        SHARING,
        "  host.file.reset();\n"
        "  return serve_waiting(host);\n",
        "  host.file.reset();\n"
        "  return {};\n",
    ),
    Fault(
        "a lost rank's file is pointed to",
        SHARING,
        "  host.holder.reset();\n"
        "  host.file.reset();\n",
        "  host.holder.reset();\n",
    ),
    Fault(
        "those who wait for a host's references are forgotten",
        SHARING,
        "  host.file = file;\n"
        "  return serve_waiting(host);\n",
        "  host.file = file;\n"
        "  return {};\n",
    ),
    Fault(
        "the same piece is sent again",
        SHARING,
        "  sent = std::min(offset + kPieceBytes, size_bytes_);\n"
        "  return {rank, offset, sent - offset};\n",
        "  sent = std::min(offset + kPieceBytes, size_bytes_);\n"
        "  return {rank, 0, sent};\n",
    ),
    Fault(
        "a piece is left out",
        SHARING,
        "  const std::uint64_t offset = sent;\n",
        "  const std::uint64_t offset = std::min(sent + 1, size_bytes_);\n",
    ),
    Fault(
        "all ranks are taken for ranks of one host",
        SHARING,
        ": table_(std::move(hosts)),",
        ": table_(ById<Rank, std::string>(hosts.ranks())),",
    ),
    Fault(
        "a rank gets its references again when a stage opens",
        SHARING,
        "return std::exchange(ranks_.at(rank).ready, true) ? std::vector<Message>{} : serve(rank);",
        "return serve(rank);",
    ),
    # Silence and signs of life.
    Fault("who speaks is not heard", MESSAGES, "  silence_.heard(event.rank, now_);\n", ""),
    Fault(
        "a pause of rank 0 counts as the others' silence",
        SILENCE,
        "pause > alive_every(timeout_)",
        "false",
    ),
    Fault(
        "a rank heard after a pause is heard from the future",
        SILENCE,
        "std::min(last_heard_[rank] + pause, now)",
        "last_heard_[rank] + pause",
    ),
    Fault(
        "rank 0 says nothing while the sink is busy",
        RUN,
        "    send_to_all(StillAlive{});\n",
        "    if (state_ == State::working) {\n"
        "      send_to_all(StillAlive{});\n"
        "    }\n",
    ),
    Fault(
        "rank 0 says too seldom that it is alive",
        RUN,
        "now_ + alive_every(settings_.rank_timeout)",
        "now_ + kAliveEvery",
    ),
    Fault(
        "a silent rank is not killed",
        RUN,
        "  if (was_live && !is_live(rank)) {\n"
        "    actions_->emplace_back(Kill{rank});\n"
        "  }\n",
        "",
    ),
    Fault("a worker does not hear rank 0", WORKER, "  rank_0_.heard(kRank0, now_);\n", ""),
    Fault("a worker never says that it is alive", WORKER, "    say(StillAlive{});\n", ""),
    Fault("a worker never gives up", WORKER, "if (!rank_0_.silent(now_).empty())", "if (false)"),
    # The end.
    Fault(
        "a request to end is forgotten while a stage opens",
        RUN,
        "state_ == State::opening || state_ == State::working;\n"
        "  if (end_asked()",
        "state_ == State::working;\n"
        "  if (end_asked()",
    ),
    Fault(
        "tasks are handed out after the run was asked to end",
        RUN,
        "  give_up_at_ = now_ + kGrace;\n"
        "  scheduler_.stop_handing_out();\n",
        "  give_up_at_ = now_ + kGrace;\n",
    ),
    Fault("the grace never ends", RUN, "(done || now_ >= *give_up_at_)", "done"),
    Fault(
        "goodbyes are not awaited",
        RUN,
        "state_ == State::goodbyes && all_said_goodbye()",
        "state_ == State::goodbyes",
    ),
    Fault("the goodbye of a lost rank is awaited", RUN, "if (is_live(rank) && !ranks_[", "if (!ranks_["),
    Fault("MPI is finalized although a rank was lost", RUN, "if (!scheduler_.any_lost())", "if (true)"),
    Fault("the last words are not awaited", RUN, "(all_said_goodbye() || now_ >= leave_at_)", "true"),
    Fault(
        "a worker that is told to leave finalizes MPI",
        WORKER,
        "  actions_->emplace_back(LeaveNow{});\n",
        "  actions_->emplace_back(EndLoop{});\n",
    ),
    Fault("a worker says goodbye once more at every look", WORKER, "    state_ = State::stopped;\n", ""),
    Fault(
        "ranks are told to stop twice",
        RUN,
        "  send_to_all(Stop{});\n",
        "  send_to_all(Stop{});\n"
        "  send_to_all(Stop{});\n",
    ),
    Fault("the ending is written again at every event", RUN, "    state_ = State::ending;\n", ""),
    Fault(
        "the run goes on after its end",
        RUN,
        "    send_to_all(Finalize{});\n"
        "    state_ = State::over;\n",
        "    send_to_all(Finalize{});\n",
    ),
    # Compute processes.
    Fault(
        "a lie is believed",
        SUPERVISOR,
        "  return why_invalid_result(result, pending_.front().work, options_);\n",
        "  return std::nullopt;\n",
    ),
    Fault(
        "a result of another order is believed",
        SUPERVISOR,
        " || result.result.order != pending_.front().order",
        "",
    ),
    Fault(
        "a suspect is not alone",
        SUPERVISOR,
        "if (next_to_suspect || (",
        "if ((false && next_to_suspect) || (",
    ),
    Fault(
        "a process may ask for decoders again and again",
        SUPERVISOR,
        "!std::exchange(decoders_, true)",
        "((decoders_ = true))",
    ),
    Fault(
        "a process that asks for decoders is blamed",
        SUPERVISOR,
        "    blame_ = Blame::nobody;\n  }\n  // An order",
        "  }\n  // An order",
    ),
    Fault(
        "an image is matched before its references are there",
        SUPERVISOR,
        "return !references_ && !it.has_features && pairs_of(it.work) > 0;",
        "return false;",
    ),
    Fault("what waits for references is forgotten", SUPERVISOR, "    waiting_.push_back(std::move(first));\n", ""),
    Fault(
        "an order is forgotten whose image is described when the references come",
        SUPERVISOR,
        "    pending_.insert(pending_.begin() + static_cast<std::ptrdiff_t>(sent_), std::move(first));\n",
        "",
    ),
    Fault(
        "a result without references is believed",
        SUPERVISOR,
        "if (pending_.front().ahead && result",
        "if (false && result",
    ),
    Fault(
        "an image that was not to be prepared is taken for prepared",
        SUPERVISOR,
        " || !pending_.front().ahead ||\n",
        " ||\n",
    ),
    Fault("a third process is tried", SUPERVISOR, "kMaxAttempts = 2", "kMaxAttempts = 3"),
    Fault(
        "a new process does not get the orders",
        SUPERVISOR,
        "  state_ = State::starting;\n"
        "  sent_ = 0;\n",
        "  state_ = State::starting;\n",
    ),
    Fault(
        "a process that hangs goes on",
        SUPERVISOR,
        "  end_process(Blame::nobody);\n"
        "  finish_first",
        "  finish_first",
    ),
    Fault(
        "the next order has the time that the one before has left",
        SUPERVISOR,
        "  deadline_.reset();\n"
        "  allow_time();\n"
        "}\n"
        "\n"
        "bool ProcessSupervisor::lacks_references",
        "  if (!deadline_) {\n"
        "    allow_time();\n"
        "  }\n"
        "}\n"
        "\n"
        "bool ProcessSupervisor::lacks_references",
    ),
    Fault("a suspended job uses up the time", SUPERVISOR, "deadline_ && pause > kAliveEvery", "false"),
    Fault(
        "failed starts are counted without a start between that works",
        SUPERVISOR,
        "  failed_starts_ = 0;\n",
        "",
    ),
    Fault(
        "a process that leaves for a fresh one is told as a death",
        SUPERVISOR,
        "} else if (!may_be_silent) {",
        "} else {",
    ),
    # Cores of idle ranks.
    Fault(
        "more threads are lent than there are cores",
        LENDING,
        "std::min(idle * threads_, all.size() - std::min(used, all.size()))",
        "idle * threads_",
    ),
    Fault(
        "what is left of an even share is not lent",
        LENDING,
        "number++ < offer.threads % offer.borrowers",
        "false",
    ),
    Fault(
        "cores of lost ranks are lent",
        LENDING,
        "if (it.activity == Activity::away || it.cores.empty()) {",
        "if (it.cores.empty()) {",
    ),
    Fault(
        "a rank that does not know its cores is not counted",
        LENDING,
        "      offer.borrowers += it.activity == Activity::computing ? 1 : 0;\n      continue;",
        "      continue;",
    ),
    Fault(
        "cores are never taken back",
        LENDING,
        "if (it.lent != lent) {",
        "if (it.lent.threads < lent.threads) {",
    ),
    Fault(
        "cores are lent to other hosts",
        LENDING,
        "    : hosts_(std::move(hosts)),",
        "    : hosts_(ById<Rank, std::string>(hosts.ranks())),",
    ),
    Fault(
        "ranks are said to lend though nobody borrows",
        LENDING,
        "offer.borrowers > 0 ? offer.threads : 0",
        "offer.threads",
    ),
    Fault(
        "all idle ranks are said to lend",
        LENDING,
        "    threads -= lends ? std::min(threads, threads_) : 0;\n",
        "",
    ),
    Fault(
        "a rank is said to lend that computes",
        LENDING,
        "threads > 0 && it.activity == Activity::idle && !it.cores.empty()",
        "threads > 0 && !it.cores.empty()",
    ),
    Fault(
        "a rank that is done is not known to be idle",
        MESSAGES,
        "  hand_out(scheduler_.order_done(rank, order));\n  note_activity(rank);\n",
        "  hand_out(scheduler_.order_done(rank, order));\n",
    ),
    Fault(
        "a lost rank is not known to be away",
        RUN,
        "  const std::vector<Assignment> assignments = scheduler_.rank_lost(rank);\n"
        "  note_activity(rank);\n",
        "  const std::vector<Assignment> assignments = scheduler_.rank_lost(rank);\n",
    ),
    Fault(
        "a rank that gets work is not known to compute",
        MESSAGES,
        "    note_activity(it.rank);\n",
        "",
    ),
    Fault(
        "ranks are taken to wait although there are references",
        RUN,
        "sharing_ ? 0 : ranks_.at(rank).waiting",
        "ranks_.at(rank).waiting",
    ),
    Fault(
        "that a rank waits is not noted",
        MESSAGES,
        "  ranks_.at(rank).waiting = waits.orders;\n",
        "",
    ),
    # Features that hosts keep.
    Fault(
        "what a lost keeper had is taken for there",
        KEEPING,
        "    if (it.state == State::kept && it.home.keeper == rank) {\n      lose(it);\n    }\n",
        "",
    ),
    Fault(
        "features that come after their keeper was lost are taken for there",
        KEEPING,
        "  if (!is_keeper(home.keeper)) {\n    lose(it);\n  }\n",
        "",
    ),
    Fault("a lost rank becomes keeper", KEEPING, "rank != kRank0 && !rank_is_lost_[rank]", "rank != kRank0"),
    Fault("rank 0 keeps before others", KEEPING, "return rank != kRank0 && ", "return "),
    Fault(
        "ranks that were lost before are taken for keepers",
        RUN,
        "      if (!is_live(rank)) {\n        features_->rank_lost(rank);",
        "      if (false) {\n        features_->rank_lost(rank);",
    ),
    Fault("nobody is told of another keeper", RUN, "  if (kept_features) {\n    send_to_all", "  if (false) {\n    send_to_all"),
    Fault("what is lost is not asked for", RUN, "  if (kept_features && features_->any_lost() &&", "  if (false &&"),
    Fault("what was lost between stages is not asked for", RUN, "  if (features_->any_lost()) {\n    find_lost();", "  if (false) {\n    find_lost();"),
    Fault("what may need what is lost is handed out", RUN, "void RunMachine::find_lost() {\n  scheduler_.pause();\n", "void RunMachine::find_lost() {\n"),
    Fault("work goes on before it is known what is lost", RUN, "!backlog_was_full_ && questions_ == 0", "!backlog_was_full_"),
    Fault("a stage ends before it is known what is lost", RUN, "missing_.empty() && questions_ == 0", "missing_.empty()"),
    Fault("what is described again is not waited for", SCHEDULER, "      independent_left_ += is_dependent(*task) ? 0 : 1;\n      put_back", "      put_back"),
    Fault("idle ranks are forgotten when features are there again", SCHEDULER, "    fill_all(assignments);  // others may have had nothing to do\n", "    fill(rank, assignments);\n"),
    Fault("what lacks features is handed out ahead", RUN, "const std::size_t most_ahead = event.kept_images       ? 0", "const std::size_t most_ahead = event.kept_images       ? 2"),
    Fault("an order that lacks features is dropped", MESSAGES, "  hand_out(scheduler_.give_back(rank, lacks.order));\n", "  hand_out(scheduler_.order_done(rank, lacks.order));\n"),
    Fault("where features are is not noted", MESSAGES, "    features_->set(described_by(task), *described->home);\n", ""),
    Fault("nobody is asked to greet", MESSAGES, "    send(wants.of, Greet{rank});\n", ""),
    Fault("features wait for ever for a keeper that is lost", EXCHANGE, "  give_up_on_lost_keepers();\n  if (const", "  if (const"),
    Fault("another keeper is not given what the one before was", EXCHANGE, "    hand_over(order, features);\n  }\n  FeatureHomes homes;", "  }\n  FeatureHomes homes;"),
    Fault("another keeper is not asked for what is wanted", EXCHANGE, "  want(homes);\n}\n\n// A result's", "}\n\n// A result's"),
    Fault("what the keeper before had is taken for there", EXCHANGE, "  copies_.clear();\n", ""),
    Fault("the greater of two ranks speaks first", EXCHANGE, "to > self_ || to == kRank0 || greeted_by_.contains(to)", "true"),
    Fault("the new keeper greets nobody", EXCHANGE, "      if (rank != self_ && keeps_for(rank)) {\n        send", "      if (false) {\n        send"),
    Fault("a keeper that greets before it is known is forgotten", EXCHANGE, "  if (keeper_ && stores_.contains(*keeper_)) {", "  if (keeper_ == self_) {"),
    Fault("what was to be sent before the greeting is dropped", EXCHANGE, "    for (PeerMessage& message : unsent.mapped()) {\n      send(from, std::move(message));\n    }\n", ""),
    Fault("only the first of those that wait for a copy is told", KEEPER, "      if (rank != self_) {\n        send(rank, FeaturesCopied{{copy}});\n", "      if (rank != self_) {\n        send(rank, FeaturesCopied{{copy}});\n        break;\n"),
    Fault("features of another image are given", EXCHANGE, "      ready.stored.push_back(*find(home));", "      ready.stored.push_back(*find(needing.homes.front()));"),
    Fault("a copy is where the original was", EXCHANGE, "copies_.insert_or_assign(copy.of, copy.stored);", "copies_.insert_or_assign(copy.of, copy.of.stored);"),
    Fault("an order is begun before all of its features are there", EXCHANGE, "    if (!needing.lacking.empty()) {\n      return false;\n    }\n", "    if (needing.lacking.size() > 1) {\n      return false;\n    }\n"),
    Fault("a rank that cannot share goes on waiting", MESSAGES, "  if (features_ && features_->separate(rank, cannot.keeper)) {", "  if (false) {"),
    Fault("a rank that keeps for itself keeps for others", KEEPING, "!rank_is_lost_[rank] && !is_separate_[rank]", "!rank_is_lost_[rank]"),
    Fault("an order is begun before the store is open", EXCHANGE, "  actions_->emplace_back(UseStore{*keeper_, stores_.at(*keeper_)});\n", "  actions_->emplace_back(UseStore{*keeper_, stores_.at(*keeper_)});\n  begin_with_store();\n"),
)
