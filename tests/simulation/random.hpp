// Chance that one seed determines: the generator splitmix64, and what is drawn from it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/machine/time.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace bundle_match::simulation {

using machine::Duration;
using machine::Time;

/// The generator of S. Vigna, https://prng.di.unimi.it/splitmix64.c (public domain).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t value = state_;
    value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
    value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
    return value ^ (value >> 31U);
  }

  /// 0 .. count - 1. `count` is far below 2^64: the remainder's bias does not matter.
  std::uint64_t below(std::uint64_t count) { return next() % count; }
  /// first .. last
  std::uint64_t from_to(std::uint64_t first, std::uint64_t last) {
    return first + below(last - first + 1);
  }
  /// So often of a thousand times.
  bool chance(unsigned of_1000) { return below(1000) < of_1000; }
  /// first .. last, small ones more often.
  std::uint64_t rather_few(std::uint64_t first, std::uint64_t last) {
    return from_to(first, from_to(first, last));
  }
  /// 0 .. 1
  double fraction() { return static_cast<double>(next() >> 11U) / 9007199254740992.0; }

  Duration duration(Duration shortest, Duration longest) {
    return Duration(
        static_cast<Duration::rep>(from_to(static_cast<std::uint64_t>(shortest.count()),
                                           static_cast<std::uint64_t>(longest.count()))));
  }
  /// Small and large ones alike: the logarithm is uniform. `shortest` is above 0.
  Duration any_scale(Duration shortest, Duration longest) {
    const double ratio =
        static_cast<double>(longest.count()) / static_cast<double>(shortest.count());
    return Duration(static_cast<Duration::rep>(static_cast<double>(shortest.count()) *
                                               std::pow(ratio, fraction())));
  }

 private:
  std::uint64_t state_;
};

}  // namespace bundle_match::simulation
