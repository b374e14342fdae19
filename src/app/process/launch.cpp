// Reads launchers' environment variables, /proc/meminfo and cgroups.
// SPDX-License-Identifier: Apache-2.0
#include "process/launch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <string_view>
#include <sys/ioctl.h>
#include <system_error>
#include <thread>
#include <unistd.h>

namespace bundle_match::app {
namespace {

std::optional<int> integer_from_environment(const char* name) {
  const char* text = std::getenv(name);
  int value = 0;
  if (text == nullptr || std::from_chars(text, text + std::strlen(text), value).ec != std::errc()) {
    return std::nullopt;
  }
  return value;
}

std::string shell_quoted(const std::string& word) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./,:@%";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) {
    return word;
  }
  std::string quoted = "'";
  for (const char c : word) {
    quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return quoted + "'";
}

std::uint64_t total_memory_bytes() {
  std::ifstream file("/proc/meminfo");
  std::string key;
  std::uint64_t kib = 0;
  file >> key >> kib;  // "MemTotal: N kB" is the first line
  return key == "MemTotal:" ? kib * 1024 : 0;
}

std::uint64_t limit_in(const std::filesystem::path& file) {
  std::uint64_t limit = 0;
  std::ifstream(file) >> limit;  // "max" leaves 0
  return limit == 0 ? std::numeric_limits<std::uint64_t>::max() : limit;
}

// The value of the first line "KEY : VALUE" of a file of proc(5); empty if there is none.
std::string value_in(const std::filesystem::path& path, std::string_view key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const auto value = line.find_first_not_of(" \t", std::min(line.find(':'), line.size() - 1) + 1);
    if (line.starts_with(key) && value != std::string::npos) {
      return line.substr(value);
    }
  }
  return {};
}

// The lowest memory limit of this process's cgroup and of those above it, version 1 or 2.
std::uint64_t cgroup_limit_bytes() {
  std::uint64_t lowest = std::numeric_limits<std::uint64_t>::max();
  std::ifstream file("/proc/self/cgroup");
  std::string line;  // "ID:CONTROLLERS:PATH"; version 2 has no controllers
  while (std::getline(file, line)) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (second == std::string::npos) {
      continue;
    }
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const bool unified = controllers.empty();
    if (!unified && controllers != "memory") {
      continue;
    }
    const std::filesystem::path root = unified ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory";
    const char* name = unified ? "memory.max" : "memory.limit_in_bytes";
    for (std::filesystem::path group = line.substr(second + 1);; group = group.parent_path()) {
      lowest = std::min(lowest, limit_in(root / group.relative_path() / name));
      if (!group.has_relative_path()) {
        break;
      }
    }
  }
  return lowest;
}

}  // namespace

std::optional<Rank> announced_rank() {
  for (const char* name : {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID"}) {
    if (const auto rank = integer_from_environment(name)) {
      return Rank(*rank);
    }
  }
  return std::nullopt;
}

std::optional<std::string> why_not_connected(std::size_t world_size) {
  const auto tasks = integer_from_environment("SLURM_NTASKS");
  const bool meant = std::getenv("OMPI_COMM_WORLD_SIZE") != nullptr;  // mpirun -n 1
  if (world_size > 1 || meant || !tasks || *tasks <= 1) {
    return std::nullopt;
  }
  return fmt::format(
      "Slurm started {} tasks (SLURM_NTASKS), but this process is alone in its MPI world: every "
      "task would do the whole job; launch with srun --mpi=pmix or with mpirun",
      *tasks);
}

std::string launch_command(const std::vector<std::string>& arguments) {
  const std::filesystem::path parent = fmt::format("/proc/{}", ::getppid());
  std::string name;
  std::ifstream(parent / "comm") >> name;
  std::vector<std::string> words;
  if (name == "mpirun" || name == "mpiexec" || name == "orterun" || name == "prterun") {
    std::ifstream file(parent / "cmdline", std::ios::binary);
    for (std::string word; std::getline(file, word, '\0');) {
      words.push_back(word);
    }
    if (name == "prterun") {
      words.front() = "mpirun";  // which became it
    }
  }
  if (words.empty()) {
    words = arguments;
    const char* tasks = std::getenv("SLURM_STEP_NUM_TASKS");
    if (name == "slurmstepd" && tasks != nullptr) {  // srun itself runs on another host, perhaps
      const char* mpi = std::getenv("SLURM_MPI_TYPE");
      const std::string launcher[] = {
          "srun", fmt::format("--mpi={}", mpi != nullptr ? mpi : "pmix"), "-n", tasks};
      words.insert(words.begin(), std::begin(launcher), std::end(launcher));
    }
  }
  std::string command;
  for (const std::string& word : words) {
    command += (command.empty() ? "" : " ") + shell_quoted(word);
  }
  return command;
}

bool launcher_mixes_streams() {
  std::string name;
  std::ifstream(fmt::format("/proc/{}/comm", ::getppid())) >> name;
  return name == "prterun" || name == "prted";
}

void let_launcher_read_output() {
  constexpr std::chrono::milliseconds kPause{1};
  constexpr int kMostPauses = 5000;
  if (!launcher_mixes_streams()) {
    return;
  }
  int unread = 0;
  for (int i = 0; i < kMostPauses && ::ioctl(STDOUT_FILENO, FIONREAD, &unread) == 0 && unread > 0;
       ++i) {
    std::this_thread::sleep_for(kPause);
  }
  // A pseudo-terminal, which mpirun makes of standard output, does not tell what its other end has
  // not read yet.
  constexpr std::chrono::milliseconds kPauseAtTerminal{300};
  if (::isatty(STDOUT_FILENO) != 0) {
    std::this_thread::sleep_for(kPauseAtTerminal);
  }
}

std::string processor_text() {
  const std::string model = value_in("/proc/cpuinfo", "model name");
  const std::string cores = value_in("/proc/self/status", "Cpus_allowed_list");
  const bool several = cores.find_first_of(",-") != std::string::npos;
  return model.empty() || cores.empty()
             ? model
             : fmt::format("core{} {} of {}", several ? "s" : "", cores, model);
}

void kill_rank_on_this_node(Rank rank) {
  const char* job = std::getenv("PMIX_NAMESPACE");
  if (job == nullptr) {
    return;
  }
  const std::string job_entry = fmt::format("PMIX_NAMESPACE={}", job);
  const std::string rank_entry = fmt::format("PMIX_RANK={}", rank.value());
  std::error_code error;
  for (std::filesystem::directory_iterator it("/proc", error), end; !error && it != end;
       it.increment(error)) {
    const std::string name = it->path().filename().string();
    pid_t pid = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), pid).ec != std::errc() ||
        pid == ::getpid()) {
      continue;
    }
    std::ifstream environment(it->path() / "environ", std::ios::binary);
    bool same_job = false;
    bool that_rank = false;
    for (std::string entry; std::getline(environment, entry, '\0');) {
      same_job = same_job || entry == job_entry;
      that_rank = that_rank || entry == rank_entry;
    }
    if (same_job && that_rank) {
      ::kill(pid, SIGKILL);
    }
  }
}

std::uint64_t memory_bytes() { return std::min(total_memory_bytes(), cgroup_limit_bytes()); }

std::uint64_t memory_share_bytes(int ranks_on_this_node) {
  return memory_bytes() / 10 * 9 / static_cast<std::uint64_t>(std::max(ranks_on_this_node, 1));
}

}  // namespace bundle_match::app
