// The supervisor's transitions.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/machine/process_supervisor.hpp"

#include "bundle_match/core/silence_monitor.hpp"
#include "process_checks.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <iterator>
#include <utility>

namespace bundle_match::machine {
namespace {

constexpr int kMaxFailedStarts = 3;
constexpr std::uint32_t kMaxAttempts = 2;

// Orders with files that a process holds open; it may have few descriptors.
constexpr std::size_t kMostWithFiles = 2;

// As printf's %g writes it.
std::string short_number(double number) {
  constexpr int kDigits = 6;
  std::array<char, 32> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number,
                                 std::chars_format::general, kDigits);
  return {text.data(), end.ptr};
}

}  // namespace

void ProcessSupervisor::start(std::vector<ProcessAction>& actions) {
  actions_ = &actions;
  start_process();
  actions_ = nullptr;
}

void ProcessSupervisor::handle(Time now, ProcessEvent&& event,
                               std::vector<ProcessAction>& actions) {
  // Nobody looked for so long: this process stood still, and with a suspended job the other one,
  // too.
  const Duration pause = now - now_;
  if (deadline_ && pause > kAliveEvery) {
    *deadline_ += pause;
  }
  now_ = now;
  actions_ = &actions;
  std::visit([this](auto& it) { on(it); }, event);
  actions_ = nullptr;
}

void ProcessSupervisor::on(OrderGiven& event) {
  Pending given{event.order, std::move(event.work), event.deaths, event.has_files,
                event.has_features};
  if (lacks_references(given) && !reads_file(given.work)) {
    waiting_.push_back(std::move(given));  // there is nothing to describe
    return;
  }
  pending_.push_back(std::move(given));
  send_pending();
  if (pending_.size() == 1) {
    allow_time();
  }
}

void ProcessSupervisor::on(const ProcessStarted& /*event*/) {
  if (state_ == State::starting) {
    deadline_ = now_ + kStartLimit;
  }
}

// If it was to be ended meanwhile, the answer to that follows.
void ProcessSupervisor::on(const ProcessNotStarted& event) {
  if (state_ == State::starting) {
    count_failed_start(event.how);
  }
}

// What comes late, from a process that is being ended, is not heard.
void ProcessSupervisor::on(ProcessSaid& event) {
  if (has_process()) {
    std::visit([this](auto& message) { take(message); }, event.message);
  }
}

void ProcessSupervisor::on(const ProcessSaidNonsense& event) {
  end_process(Blame::somebody, "sent an invalid message: " + event.why);
}

void ProcessSupervisor::on(const ProcessClosed& /*event*/) { end_process(Blame::somebody); }

void ProcessSupervisor::on(const ProcessEnded& event) {
  if (state_ != State::ending) {
    return;
  }
  const std::string& how = complaint_.empty() ? event.how : complaint_;
  if (blame_ == Blame::somebody && !was_ready_) {
    count_failed_start(how);
    return;
  }
  const ProcessNeeds needs = complaint_.empty() ? event.needs : ProcessNeeds::nothing;
  if (needs == ProcessNeeds::decoders && !std::exchange(decoders_, true)) {
    blame_ = Blame::nobody;
  }
  // An order that came while it was dying was not sent to it.
  if (blame_ == Blame::somebody && sent_ > 0) {
    blame_first(how, needs == ProcessNeeds::fresh_memory);
  }
  start_process();
}

void ProcessSupervisor::on(const ReferencesGiven& /*event*/) {
  references_ = true;
  const bool idle = pending_.empty();
  pending_.insert(pending_.begin() + static_cast<std::ptrdiff_t>(sent_),
                  std::make_move_iterator(waiting_.begin()),
                  std::make_move_iterator(waiting_.end()));
  waiting_.clear();
  send_pending();
  if (idle) {
    allow_time();
  }
}

void ProcessSupervisor::on(const TimePassed& /*event*/) {
  if (!deadline_ || now_ < *deadline_) {
    return;
  }
  if (state_ == State::starting) {
    end_process(Blame::somebody, "did not get ready");
    return;
  }
  end_process(Blame::nobody);
  finish_first(ImageStatus::timed_out,
               "no result within " + short_number(options_.timeout_s) + " s (--timeout)");
}

void ProcessSupervisor::take(ProcessReady& ready) {
  if (state_ == State::ready) {
    on(ProcessSaidNonsense{"it was ready already"});
    return;
  }
  state_ = State::ready;
  failed_starts_ = 0;
  deadline_.reset();
  allow_time();
  if (!std::exchange(told_ready_, true)) {
    actions_->emplace_back(DeliverReady{std::move(ready)});
  }
}

// At most one for each pair: a process cannot have all the time there is.
void ProcessSupervisor::take(const StillComputing& /*still_computing*/) {
  if (state_ != State::ready || sent_ == 0 || pending_.front().ahead ||
      pending_.front().pairs_done == pairs_of(pending_.front().work)) {
    on(ProcessSaidNonsense{"more pairs than were ordered"});
    return;
  }
  ++pending_.front().pairs_done;
  allow_time();
}

void ProcessSupervisor::take(ComputeResult& result) {
  if (const auto why = why_unbelievable(result)) {
    on(ProcessSaidNonsense{*why});
    return;
  }
  actions_->emplace_back(DeliverResult{std::move(result)});
  (void)take_first();
  go_on();
}

void ProcessSupervisor::take(const ImagePrepared& prepared) {
  if (state_ != State::ready || sent_ == 0 || !pending_.front().ahead ||
      prepared.order != pending_.front().order) {
    on(ProcessSaidNonsense{"an image that was not to be prepared"});
    return;
  }
  Pending first = take_first();
  if (references_) {
    pending_.insert(pending_.begin() + static_cast<std::ptrdiff_t>(sent_), std::move(first));
  } else {
    waiting_.push_back(std::move(first));
  }
  go_on();
}

std::optional<std::string> ProcessSupervisor::why_unbelievable(const ComputeResult& result) const {
  if (state_ != State::ready || sent_ == 0 || result.result.order != pending_.front().order) {
    return "a result of another order";
  }
  if (pending_.front().ahead && result.result.status == ImageStatus::ok) {
    return "a result without the references";
  }
  return why_invalid_result(result, pending_.front().work, options_);
}

void ProcessSupervisor::start_process() {
  state_ = State::starting;
  sent_ = 0;
  sent_files_ = 0;
  actions_->emplace_back(StartProcess{decoders_});
  send_pending();
}

void ProcessSupervisor::end_process(Blame blame, std::string complaint) {
  if (!has_process()) {
    return;
  }
  blame_ = blame;
  complaint_ = std::move(complaint);
  was_ready_ = state_ == State::ready;
  state_ = State::ending;
  deadline_.reset();
  actions_->emplace_back(EndProcess{});
}

void ProcessSupervisor::count_failed_start(const std::string& how) {
  if (++failed_starts_ < kMaxFailedStarts) {
    start_process();
    return;
  }
  state_ = State::failed;
  deadline_.reset();
  actions_->emplace_back(FailForGood{"compute processes cannot start: the last one " + how});
}

// `may_be_silent`: the process left on purpose, so that the image has a fresh one.
void ProcessSupervisor::blame_first(const std::string& how, bool may_be_silent) {
  const std::string reason = "the compute process " + how;
  if (++pending_.front().attempts >= kMaxAttempts) {
    finish_first(ImageStatus::crashed, reason);
  } else if (!may_be_silent) {
    actions_->emplace_back(DeliverDeath{{pending_.front().order, reason}});
  }
}

void ProcessSupervisor::send_pending() {
  while (has_process() && sent_ < pending_.size()) {
    const Pending& next = pending_[sent_];
    const bool next_to_suspect = sent_ > 0 && (next.attempts > 0 || pending_.front().attempts > 0);
    if (next_to_suspect || (next.has_files && sent_files_ == kMostWithFiles)) {
      return;
    }
    pending_[sent_].pairs_done = 0;
    pending_[sent_].ahead = lacks_references(next);
    ++sent_;
    sent_files_ += next.has_files ? 1 : 0;
    actions_->emplace_back(SendOrder{next.order, next.ahead});
  }
}

void ProcessSupervisor::finish_first(ImageStatus status, std::string reason) {
  ComputeResult result;
  result.result.order = pending_.front().order;
  result.result.status = status;
  result.result.reason = std::move(reason);
  actions_->emplace_back(DeliverResult{std::move(result)});
  (void)take_first();
  go_on();
}

ProcessSupervisor::Pending ProcessSupervisor::take_first() {
  Pending first = std::move(pending_.front());
  if (sent_ > 0) {
    --sent_;
    sent_files_ -= first.has_files ? 1 : 0;
  }
  pending_.pop_front();
  return first;
}

// With the order that is the first one now.
void ProcessSupervisor::go_on() {
  send_pending();
  deadline_.reset();
  allow_time();
}

bool ProcessSupervisor::lacks_references(const Pending& it) const {
  return !references_ && !it.has_features && pairs_of(it.work) > 0;
}

// From now on the first order may take as long as an order may take.
void ProcessSupervisor::allow_time() {
  if (state_ == State::ready && !pending_.empty() && options_.timeout_s > 0) {
    deadline_ = now_ + from_seconds(options_.timeout_s);
  }
}

}  // namespace bundle_match::machine
