// The journal's file: lock, read, append, and a thread that brings it to disk once a second.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/results/journal.hpp"

#include "bundle_match/posix/file_descriptor.hpp"
#include "journal_line.hpp"
#include "journal_pairs.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <functional>
#include <mutex>
#include <sys/file.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>

namespace bundle_match::results {
namespace {

constexpr std::chrono::seconds kSyncEvery{1};

// Splits what it is given into lines.
class LineReader {
 public:
  explicit LineReader(int fd) : fd_(fd) {}

  // The next line that ends in a newline, without it; nothing at the end. Throws std::system_error.
  std::optional<std::string_view> next() {
    for (;;) {
      const auto newline = buffer_.find('\n', begin_);
      if (newline != std::string::npos) {
        const std::string_view line(buffer_.data() + begin_, newline - begin_);
        begin_ = newline + 1;
        consumed_ += line.size() + 1;
        return line;
      }
      if (!read_more()) {
        return std::nullopt;
      }
    }
  }

  [[nodiscard]] std::uint64_t consumed() const { return consumed_; }
  [[nodiscard]] std::uint64_t bytes() const { return offset_; }

 private:
  bool read_more() {
    buffer_.erase(0, begin_);
    begin_ = 0;
    std::array<char, 1 << 16> chunk;
    const std::int64_t size = read_at(fd_, chunk, offset_);
    if (size < 0) {
      throw std::system_error(errno, std::generic_category(), "the journal cannot be read");
    }
    buffer_.append(chunk.data(), static_cast<std::size_t>(size));
    offset_ += static_cast<std::uint64_t>(size);
    return size > 0;
  }

  int fd_;
  std::string buffer_;
  std::size_t begin_ = 0;
  std::uint64_t offset_ = 0;
  std::uint64_t consumed_ = 0;
};

}  // namespace

class Journal::Impl {
 public:
  explicit Impl(const std::string& path) : path_(path) {
    fd_ = UniqueFd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_APPEND, 0666));
    if (!fd_.valid()) {
      throw JournalError(path + ": " + std::strerror(errno), false);
    }
    if (::flock(fd_.get(), LOCK_EX | LOCK_NB) != 0) {
      const bool in_use = errno == EWOULDBLOCK;
      const std::string why = in_use ? "another run is writing it" : std::strerror(errno);
      throw JournalError(path + ": " + why, in_use);
    }
    syncer_ = std::jthread([this](const std::stop_token& stop) { sync_now_and_then(stop); });
  }

  ~Impl() {
    syncer_.request_stop();
    syncer_.join();
  }

  [[nodiscard]] int fd() const { return fd_.get(); }

  void truncate(std::uint64_t good_bytes) {
    if (::ftruncate(fd_.get(), static_cast<off_t>(good_bytes)) != 0) {
      fail(errno);
    }
    pairs_.clear();
  }

  void append(const std::string& line) { buffer_ += line; }
  PairWriter& pairs() { return pairs_; }

  void flush() {
    const bool wrote = !buffer_.empty();
    const int error = write_all(fd_.get(), buffer_);
    buffer_.clear();
    if (error != 0) {
      fail(error);
    }
    const std::lock_guard lock(mutex_);
    unsynced_ = unsynced_ || wrote;
    if (sync_error_ != 0) {
      fail(sync_error_);
    }
  }

  void sync() {
    flush();
    if (::fdatasync(fd_.get()) != 0) {
      fail(errno);
    }
  }

 private:
  [[noreturn]] void fail(int error) const {
    throw std::system_error(error, std::generic_category(), path_ + " cannot be written");
  }

  void sync_now_and_then(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (!stop.stop_requested()) {
      wake_.wait_for(lock, stop, kSyncEvery, [] { return false; });
      if (std::exchange(unsynced_, false)) {
        lock.unlock();  // the disk may take its time
        const int error = ::fdatasync(fd_.get()) == 0 ? 0 : errno;
        lock.lock();
        sync_error_ = error != 0 ? error : sync_error_;
      }
    }
  }

  std::string path_;
  UniqueFd fd_;
  std::string buffer_;
  PairWriter pairs_;
  std::mutex mutex_;  // of the three below
  std::condition_variable_any wake_;
  bool unsynced_ = false;
  int sync_error_ = 0;
  std::jthread syncer_;
};

Journal::Journal(const std::string& path) : impl_(std::make_unique<Impl>(path)) {}
Journal::~Journal() = default;

JournalCondition Journal::read(const std::function<void(const JournalRecord&)>& visit) const {
  JournalCondition condition;
  LineReader lines(impl_->fd());
  PairReader pairs;
  const auto record_of = [&](const std::vector<std::string>& fields) {
    auto record = journal_record(fields);
    return record ? record : pairs.record(fields);
  };
  bool first = true;
  while (const auto line = lines.next()) {
    const auto fields = journal_fields(*line);
    condition.whole_lines = true;
    if (first && fields) {
      condition.parameters = journal_parameters(*fields);
    }
    const auto record = fields && !first ? record_of(*fields) : std::nullopt;
    if (record) {
      ++condition.records;
      visit(*record);
    }
    const bool names = fields && !first && pairs.take_number(*fields);
    if (record || names || (first && condition.parameters)) {
      condition.good_bytes = lines.consumed();
    } else {
      ++condition.damaged_lines;
    }
    first = false;
  }
  condition.bytes = lines.bytes();
  if (condition.bytes > lines.consumed()) {
    ++condition.damaged_lines;  // torn: the last line has no end
  }
  return condition;
}

void Journal::truncate(std::uint64_t good_bytes) { impl_->truncate(good_bytes); }

void Journal::write_parameters(const RunParameters& parameters) {
  std::vector<std::string_view> fields{"P"};
  for (const RunParameter& parameter : parameters) {
    fields.push_back(parameter.name);
    fields.push_back(parameter.value);
  }
  impl_->append(journal_line(fields));
}

void Journal::write_start() { impl_->append(journal_line({"S"})); }
void Journal::write_assigned(std::string_view path) { impl_->append(journal_line({"A", path})); }
void Journal::write_died(std::string_view path, std::string_view reason) {
  impl_->append(journal_line({"D", path, reason}));
}
void Journal::write_result(std::string_view path, const ImageResult& report,
                           const Computer& computer) {
  impl_->append(result_line(path, report, computer));
}
void Journal::write_pairs(const NumberedPath& image, const ImageResult& report,
                          const std::vector<NumberedPath>& references) {
  if (!references.empty()) {
    impl_->append(impl_->pairs().lines(image, report, references));
  }
}
void Journal::write_choice(const NumberedPath& image, std::uint32_t wanted,
                           const std::vector<ChosenPath>& chosen) {
  impl_->append(impl_->pairs().choice_lines(image, wanted, chosen));
}
void Journal::write_position(std::string_view path, const std::optional<GeoPosition>& position) {
  impl_->append(position_line(path, position));
}
void Journal::write_end() { impl_->append(journal_line({"E"})); }
void Journal::flush() { impl_->flush(); }
void Journal::sync() { impl_->sync(); }

}  // namespace bundle_match::results
