// The console over spdlog, with a log sink that redraws the status line.
// SPDX-License-Identifier: Apache-2.0
#include "terminal/console.hpp"

#include "bundle_match/posix/file_descriptor.hpp"

#include <fmt/format.h>
#include <spdlog/sinks/base_sink.h>

#include <array>
#include <cstdlib>
#include <fcntl.h>
#include <mutex>
#include <string_view>
#include <sys/ioctl.h>
#include <unistd.h>

namespace bundle_match::app {
namespace {

void write_error(std::string_view bytes) {
  (void)write_all(STDERR_FILENO, bytes);  // if nobody reads it, that must not end the run
}

std::size_t columns_of(int terminal) {
  winsize size{};
  return ::ioctl(terminal, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

// ECMA-48, select graphic rendition.
constexpr const char* kBold = "\x1b[1m";
constexpr const char* kBoldRed = "\x1b[1;31m";
constexpr const char* kYellow = "\x1b[33m";
constexpr const char* kPlain = "\x1b[0m";

std::string level_word(spdlog::level::level_enum level, bool coloured) {
  const bool error = level == spdlog::level::err;
  if (!error && level != spdlog::level::warn) {
    return "";
  }
  const char* const word = error ? "error:" : "warning:";
  return coloured ? fmt::format("{}{}{} ", error ? kBoldRed : kYellow, word, kPlain)
                  : fmt::format("{} ", word);
}

}  // namespace

bool wants_colour(const Terminal& terminal) {
  const char* const refused = std::getenv("NO_COLOR");
  const char* const kind = std::getenv("TERM");
  return terminal.present && (refused == nullptr || *refused == '\0') && kind != nullptr &&
         *kind != '\0' && std::string_view(kind) != "dumb";
}

Terminal find_terminal() {
  if (::isatty(STDERR_FILENO) == 1) {
    return {true, columns_of(STDERR_FILENO)};
  }
  const std::string launcher = fmt::format("/proc/{}/fd/2", ::getppid());
  std::array<char, 64> target{};
  const ssize_t size = ::readlink(launcher.c_str(), target.data(), target.size() - 1);
  if (size <= 0 || !std::string_view(target.data()).starts_with("/dev/pts/")) {
    return {};
  }
  const int terminal = ::open(target.data(), O_RDONLY | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
  if (terminal < 0) {
    return {};
  }
  const Terminal found{::isatty(terminal) == 1, columns_of(terminal)};
  ::close(terminal);
  return found;
}

class Console::Sink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit Sink(bool coloured) : coloured_(coloured) {}

  void set_status(const std::string& line) {
    const std::lock_guard lock(mutex_);
    erase();
    status_ = line;
    write_error(status_);
  }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    erase();
    write_error(fmt::format("bundle_match: {}{}\n{}", level_word(message.level, coloured_),
                            std::string_view(message.payload.data(), message.payload.size()),
                            status_));
  }
  void flush_() override {}

 private:
  void erase() const {
    if (!status_.empty()) {
      write_error("\r\x1b[K");
    }
  }

  bool coloured_;
  std::string status_;
};

Console::Console(bool verbose, bool quiet)
    : coloured_(wants_colour(find_terminal())),
      sink_(std::make_shared<Sink>(coloured_)),
      logger_(std::make_unique<spdlog::logger>("bundle_match", sink_)) {
  logger_->set_level(quiet     ? spdlog::level::warn
                     : verbose ? spdlog::level::debug
                               : spdlog::level::info);
}

Console::~Console() { set_status(""); }

std::string Console::emphasized(const std::string& text) const {
  return coloured_ ? kBold + text + kPlain : text;
}

void Console::set_status(const std::string& line) { sink_->set_status(line); }

}  // namespace bundle_match::app
