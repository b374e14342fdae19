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
    Fault("what a lost rank held is dropped", SCHEDULER, "      returned_.push_front(held->task);\n", ""),
    Fault(
        "what a lost rank held is handed out after the run was asked to end",
        SCHEDULER,
        "  if (!stopped_) {\n"
        "    returned_.insert",
        "  if (true) {\n"
        "    returned_.insert",
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
        "  if (unassigned(Kind::independent) == 0 && !has_reserved(it, Kind::independent)) {\n    give",
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
        SCHEDULER,
        "order_[next_++]",
        "order_[next_ + 1 < order_.size() ? next_++ : next_]",
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
    Fault("a pause never ends", RUN, "scheduler_.paused() && backlog_.has_room()", "false"),
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
        "ranks_.push_back({host, false, 0});",
        "ranks_.push_back({hosts[kRank0], false, 0});",
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
        "return !references_ && pairs_of(it.work) > 0;",
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
        "numbers.emplace(hosts.at(rank), hosts_.size())",
        'numbers.emplace("", hosts_.size())',
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
)
