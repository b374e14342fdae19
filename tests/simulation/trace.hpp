// The last things that happened in a simulated world, and how a broken rule is told.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/ids.hpp"
#include "random.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>

namespace bundle_match::simulation {

/// Thrown by whoever finds that an invariant does not hold.
struct Violation {
  const char* invariant = "";
  std::string what;
};

/// Keeps the last notes as numbers; they become text only if something went wrong.
class Trace {
 public:
  static constexpr std::size_t kKept = 200;
  static constexpr std::nullopt_t kNoRank = std::nullopt;

  /// `what` is a literal.
  void note(Time now, const char* what, std::optional<Rank> rank = kNoRank, std::uint64_t a = 0,
            std::uint64_t b = 0) {
    notes_[count_++ % kKept] = {now, what, rank, a, b};
  }

  [[nodiscard]] std::size_t count() const { return count_; }

  [[nodiscard]] std::string text() const {
    std::string text;
    for (std::size_t i = count_ - std::min(count_, kKept); i < count_; ++i) {
      const Note& it = notes_[i % kKept];
      std::array<char, 160> line{};
      const double time_s = std::chrono::duration<double>(it.time.time_since_epoch()).count();
      if (!it.rank) {
        std::snprintf(line.data(), line.size(), "%12.6f s  %-24s %llu %llu\n", time_s, it.what,
                      static_cast<unsigned long long>(it.a), static_cast<unsigned long long>(it.b));
      } else {
        std::snprintf(line.data(), line.size(), "%12.6f s  %-24s rank %d: %llu %llu\n", time_s,
                      it.what, it.rank->value(), static_cast<unsigned long long>(it.a),
                      static_cast<unsigned long long>(it.b));
      }
      text += line.data();
    }
    return text;
  }

 private:
  struct Note {
    Time time;
    const char* what = "";
    std::optional<Rank> rank;
    std::uint64_t a = 0;
    std::uint64_t b = 0;
  };

  std::array<Note, kKept> notes_{};
  std::size_t count_ = 0;
};

}  // namespace bundle_match::simulation
