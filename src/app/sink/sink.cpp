// The sink's thread, and the queues to it and from it.
// SPDX-License-Identifier: Apache-2.0
#include "sink/sink.hpp"

#include "sink/ending.hpp"
#include "sink/ledger.hpp"
#include "sink/stage_sequence.hpp"

#include <fmt/format.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <stop_token>
#include <system_error>
#include <thread>
#include <utility>

namespace bundle_match::app {
namespace {

// So long the thread waits for more before it begins with results: it then writes many at once, and
// does not take the core from the loop for each of them.
constexpr std::chrono::milliseconds kCollect{2};

}  // namespace

class Sink::Impl {
 public:
  struct RankStarted {
    Rank rank;
    std::string kernel;
  };
  struct Begin {
    TaskId task;
    std::optional<OrderId> order;
  };
  struct OpenNext {
    double elapsed_s = 0;
  };
  struct End {
    Outcome outcome;
    RankRecords ranks;
  };

  using Item = std::variant<RankStarted, Begin, machine::Keep, machine::KeepDeath, OpenNext,
                            machine::FindLost, machine::NoteLending, machine::NoteEndAsked,
                            machine::AbandonStage, End>;

  Impl(const RunInput& input, Console& console, std::chrono::steady_clock::time_point start)
      : input_(input),
        console_(console),
        start_(start),
        thread_([this](const std::stop_token& stop) { work(stop); }) {}

  // Not as an Item: of a moved variant, GCC 14 says that alternatives it does not hold are read.
  template <class Alternative>
  void push(Alternative alternative) {
    pushed_.emplace_back(std::move(alternative));
    pushed_urgent_ = pushed_urgent_ || is_urgent(pushed_.back());
  }

  void ask_to_end() { end_asked_ = true; }

  void flush() {
    if (pushed_.empty()) {
      return;
    }
    bool wake = false;
    {
      const std::lock_guard lock(mutex_);
      if (queue_.empty()) {
        queue_.swap(pushed_);
      } else {
        std::move(pushed_.begin(), pushed_.end(), std::back_inserter(queue_));
        pushed_.clear();
      }
      urgent_ = urgent_ || std::exchange(pushed_urgent_, false);
      wake = idle_ || urgent_;
    }
    if (wake) {
      changed_.notify_one();
    }
  }

  std::optional<SinkEvent> try_event() {
    const std::lock_guard lock(mutex_);
    if (stored_.items > 0) {
      return std::exchange(stored_, {});
    }
    if (answers_.empty()) {
      return std::nullopt;
    }
    SinkEvent answer = std::move(answers_.front());
    answers_.pop_front();
    return answer;
  }

 private:
  // Whether somebody waits for what is done with it.
  static bool is_urgent(const Item& item) {
    const auto* const begin = std::get_if<Begin>(&item);
    return begin != nullptr ? begin->order.has_value()
                            : !std::holds_alternative<machine::Keep>(item) &&
                                  !std::holds_alternative<machine::NoteLending>(item) &&
                                  !std::holds_alternative<RankStarted>(item);
  }

  // The thread: all that follows.

  void work(const std::stop_token& stop) {
    std::vector<Item> batch;
    for (;;) {
      {
        std::unique_lock lock(mutex_);
        idle_ = true;
        if (!changed_.wait(lock, stop, [this] { return !queue_.empty(); })) {
          return;
        }
        idle_ = false;
        changed_.wait_for(lock, stop, kCollect, [this] { return urgent_; });
        urgent_ = false;
        batch.swap(queue_);
      }
      for (Item& item : batch) {
        attempt([&] { std::visit([this](auto& it) { take(it); }, item); });
      }
      batch.clear();
      attempt([&] { flush_ledger(); });
    }
  }

  // Does it; if it fails, nothing is kept any more.
  template <class Work>
  void attempt(const Work& work) {
    try {
      work();
    } catch (const std::system_error& error) {
      fail(OutputLost{error.what()}, error.what());
    } catch (const std::exception& error) {
      fail(Defect{error.what()}, error.what());
    }
  }

  void fail(Outcome outcome, const char* why) {
    if (failure_) {
      return;
    }
    failure_ = outcome;
    const bool kept = ledger_ && ledger_->resumed.journal;
    console_.log().error(
        "{}{}", why,
        kept ? "; what was computed is kept, the same command goes on from there" : "");
    answer(machine::SinkFailed{std::move(outcome)});
  }

  void flush_ledger() {
    if (ledger_ && !failure_) {
      ledger_->flush();
    }
  }

  void answer(SinkEvent event) {
    const std::lock_guard lock(mutex_);
    answers_.push_back(std::move(event));
  }

  void take(const RankStarted& it) {
    if (ledger_ && !failure_) {
      ledger_->rank_started(it.rank, it.kernel);
    }
  }

  void take(const Begin& it) {
    if (failure_) {
      return;
    }
    stages_->begin(it.task);
    if (it.order) {
      flush_ledger();
      answer(Noted{*it.order});
    }
  }

  void take(machine::Keep& it) {
    const machine::Stored stored{1, size_bytes(it.result)};
    if (!failure_) {
      if (it.rank_0_sees_file) {
        it.result.reason = fmt::format(
            "{} does not see this file, which rank 0 on {} sees; share its folder among the "
            "nodes, or use --send-images",
            ledger_->identity_of(it.rank).host, ledger_->identity_of(kRank0).host);
      }
      go_on_after(stages_->take(std::move(it)));
    }
    const std::lock_guard lock(mutex_);
    stored_.items += stored.items;
    stored_.bytes += stored.bytes;
  }

  void go_on_after(AfterResult&& after) {
    if (auto* const made = std::get_if<MadeReferences>(&after)) {
      answer(std::move(*made));
    } else if (auto* const outcome = std::get_if<Outcome>(&after)) {
      answer(machine::WorkOver{std::move(*outcome)});
    }
  }

  void take(const machine::KeepDeath& it) {
    if (!failure_) {
      stages_->process_died(it.task, it.reason);
    }
  }

  void take(const OpenNext& it) {
    if (failure_) {
      return;
    }
    NextStage next = open_next(it.elapsed_s);
    if (auto* const stage = std::get_if<OpenedStage>(&next)) {
      flush_ledger();
      answer(std::move(*stage));
    } else {
      answer(machine::WorkOver{std::get<Outcome>(std::move(next))});
    }
  }

  // The ledger, too, is made on this thread, as tables of millions take a while. That there is no
  // memory for one, also when pairs are chosen, is told.
  NextStage open_next(double elapsed_s) {
    try {
      if (!ledger_) {
        ledger_.emplace(input_, console_.log());
        stages_.emplace(*ledger_, [this] { return !end_asked_; });
      }
      return stages_->open_next(elapsed_s);
    } catch (const results::TableTooLarge& error) {
      console_.log().error("{}", error.what());
      return Outcome(Refused{});
    }
  }

  void take(const machine::FindLost& it) {
    if (!failure_) {
      answer(stages_->find_lost(it.images));
    }
  }

  void take(const machine::NoteLending& it) {
    if (ledger_ && !failure_) {
      ledger_->timeline.lends(it.rank, it.lends, it.at);
    }
  }

  void take(const machine::NoteEndAsked& /*it*/) {
    if (ledger_ && !failure_) {
      note_end(*ledger_);
    }
  }

  void take(const machine::AbandonStage& /*it*/) {
    if (!failure_) {
      answer(machine::WorkOver{stages_->abandon()});
    }
  }

  void take(const End& it) {
    Outcome outcome = it.outcome;
    if (ledger_ && std::holds_alternative<Finished>(outcome)) {
      RunTimes times = stages_->times();
      times.total_s =
          std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
      attempt([&] { outcome = tell_ending(*ledger_, console_, outcome, it.ranks, times); });
    }
    answer(machine::EndingWritten{failure_.value_or(std::move(outcome))});
  }

  const RunInput& input_;
  Console& console_;
  const std::chrono::steady_clock::time_point start_;
  std::vector<Item> pushed_;  // of the loop, until flush()
  bool pushed_urgent_ = false;

  std::mutex mutex_;  // of what follows
  std::condition_variable_any changed_;
  std::vector<Item> queue_;
  bool urgent_ = false;  // something in the queue is
  bool idle_ = false;    // the thread has nothing to do
  machine::Stored stored_;
  std::deque<SinkEvent> answers_;

  std::atomic<bool> end_asked_ = false;  // before the thread comes to it

  // The thread's own.
  std::optional<Ledger> ledger_;
  std::optional<StageSequence> stages_;
  std::optional<Outcome> failure_;

  std::jthread thread_;  // last: it uses all of the above
};

Sink::Sink(const RunInput& input, Console& console, std::chrono::steady_clock::time_point start)
    : impl_(std::make_unique<Impl>(input, console, start)) {}
Sink::~Sink() = default;

void Sink::rank_started(Rank rank, std::string kernel) {
  impl_->push(Impl::RankStarted{rank, std::move(kernel)});
}
void Sink::begin(TaskId task, std::optional<OrderId> order) {
  impl_->push(Impl::Begin{task, order});
}
void Sink::keep(machine::Keep result) { impl_->push(std::move(result)); }
void Sink::keep_death(machine::KeepDeath death) { impl_->push(std::move(death)); }
void Sink::open_stage(double elapsed_s) { impl_->push(Impl::OpenNext{elapsed_s}); }
void Sink::find_lost(machine::FindLost lost) { impl_->push(std::move(lost)); }
void Sink::note_lending(const machine::NoteLending& note) { impl_->push(note); }
void Sink::note_end_asked() {
  impl_->ask_to_end();
  impl_->push(machine::NoteEndAsked{});
}
void Sink::abandon_stage() { impl_->push(machine::AbandonStage{}); }
void Sink::write_ending(Outcome outcome, RankRecords ranks) {
  impl_->push(Impl::End{std::move(outcome), std::move(ranks)});
}
void Sink::flush() { impl_->flush(); }
std::optional<SinkEvent> Sink::try_event() { return impl_->try_event(); }

}  // namespace bundle_match::app
