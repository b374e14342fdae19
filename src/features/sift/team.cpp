// The threads of a team and their rendezvous.
// SPDX-License-Identifier: Apache-2.0
#include "team.hpp"

#include <algorithm>
#include <utility>

namespace bundle_match::features::sift {
namespace {

bool can_prepare(const std::function<bool()>& prepare) {
  try {
    return !prepare || prepare();
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace

Team::~Team() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : started_) {
    thread.join();
  }
}

void Team::set_helpers(SiftHelpers helpers) {
  {
    const std::lock_guard lock(mutex_);
    wanted_ = threads_ + std::clamp(helpers.threads, 0, kMostSiftHelpers);
    prepare_ = std::make_shared<const std::function<bool()>>(std::move(helpers.prepare));
    ++prepare_number_;
    start_missing();
  }
  changed_.notify_all();
}

void Team::run(const std::function<void(int, std::size_t)>& work, std::size_t count) {
  Section section{work, count, {}, {}};
  {
    const std::lock_guard lock(mutex_);
    start_missing();
    section_ = &section;
  }
  if (size() > 1) {
    changed_.notify_all();
  }
  work_on(section, 0);
  std::unique_lock lock(mutex_);
  section_ = nullptr;
  empty_.wait(lock, [this] { return inside_ == 0; });
  if (section.failure) {
    std::rethrow_exception(section.failure);
  }
}

void Team::work_on(Section& section, int worker) {
  try {
    while (worker < size()) {
      const std::size_t i = section.next++;
      if (i >= section.count) {
        return;
      }
      section.work(worker, i);
    }
  } catch (...) {
    const std::lock_guard lock(mutex_);
    section.failure = std::current_exception();
    section.next = section.count;
  }
}

void Team::be_worker(int worker) {
  const bool is_helper = worker >= threads_;
  bool usable = !is_helper;
  unsigned prepared = 0;
  std::unique_lock lock(mutex_);
  const auto must_prepare = [&] {
    return is_helper && worker < wanted_ && prepared != prepare_number_;
  };
  const auto can_work = [&] {
    return usable && worker < wanted_ && section_ != nullptr && section_->next < section_->count;
  };
  for (;;) {
    changed_.wait(lock, [&] { return over_ || must_prepare() || can_work(); });
    if (over_) {
      return;
    }
    if (must_prepare()) {
      usable = false;
      prepared = prepare_number_;
      const std::shared_ptr<const std::function<bool()>> prepare = prepare_;
      lock.unlock();
      const bool is_prepared = can_prepare(*prepare);
      lock.lock();
      usable = is_prepared;
      continue;
    }
    Section& section = *section_;
    ++inside_;
    lock.unlock();
    work_on(section, worker);
    lock.lock();
    if (--inside_ == 0) {
      empty_.notify_one();
    }
  }
}

// Under the mutex.
void Team::start_missing() {
  try {
    while (static_cast<int>(started_.size()) + 1 < wanted_) {
      const int worker = static_cast<int>(started_.size()) + 1;
      started_.emplace_back([this, worker] { be_worker(worker); });
    }
  } catch (const std::exception&) {  // no thread, or no memory for one
    // The others do its share.
  }
}

}  // namespace bundle_match::features::sift
