// The messages between ranks, as plain structs. How they become bytes is wire/'s business.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/image_status.hpp"
#include "bundle_match/core/match_options.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace bundle_match {

/// Position of an image in the input, from 0.
using ImageIndex = std::uint64_t;
inline constexpr ImageIndex kNoImage = std::numeric_limits<ImageIndex>::max();

/// Rank 0 -> worker: work on this image, or stop.
struct ImageOrder {
  enum class Action : std::uint8_t {
    match = 0,
    stop = 1,      ///< no more work: say goodbye, and wait for one of the two that follow
    leave = 2,     ///< ranks were lost: say goodbye and leave without MPI_Finalize
    alive = 3,     ///< nothing to do; rank 0 still runs
    finalize = 4,  ///< every rank has said goodbye: finalize MPI
  };

  Action action = Action::match;
  ImageIndex image = kNoImage;
  std::string path;  ///< bytes, as the user gave them
  /// Compute processes that died of this image in earlier runs. If not 0, it is a suspect: it is
  /// computed alone in its process, and one more death is final.
  std::uint32_t deaths = 0;
  /// The file's bytes, if rank 0 sends them: the worker then does not look for the path.
  std::optional<std::string> contents = std::nullopt;

  friend bool operator==(const ImageOrder&, const ImageOrder&) = default;
};

/// Milliseconds spent on one image, by stage.
struct StageTimes {
  float read = 0;
  float sift = 0;
  float match = 0;

  [[nodiscard]] float total() const { return read + sift + match; }
  friend bool operator==(const StageTimes&, const StageTimes&) = default;
};

/// Rows of the features of a reference and of an image that match.
struct MatchedRows {
  std::uint32_t reference = 0;
  std::uint32_t image = 0;

  friend bool operator==(const MatchedRows&, const MatchedRows&) = default;
};

/// What came of matching one image with one reference.
struct PairOutcome {
  std::uint32_t matches = 0;
  std::uint32_t inliers = 0;         ///< of the matches, to one geometry; 0 if it was not asked for
  std::vector<double> model;         ///< 3 x 3, row-major (geometry/verification.hpp); empty: none
  std::vector<MatchedRows> matched;  ///< only if MatchOptions::report_matches
  std::vector<std::uint32_t> inlier_positions;  ///< in `matched`; likewise

  friend bool operator==(const PairOutcome&, const PairOutcome&) = default;
};

/// Worker -> rank 0: what came of an image. The first report of a worker has no result and asks
/// for work.
struct ImageReport {
  enum class Kind : std::uint8_t {
    result = 0,        ///< `image` is done; one for every order
    first = 1,         ///< asks for work, names the kernel
    process_died = 2,  ///< a compute process died of `image`, for `reason`; it is tried once more
    alive = 3,         ///< nothing new; the worker still runs
    goodbye = 4,       ///< the worker leaves, as it was told to
  };

  Kind kind = Kind::result;
  ImageIndex image = kNoImage;
  ImageStatus status = ImageStatus::ok;
  std::uint32_t matches = 0;
  std::uint32_t keypoints = 0;
  std::uint32_t width = 0;   ///< pixels, after EXIF rotation; 0 if not known
  std::uint32_t height = 0;  ///< pixels
  StageTimes elapsed_ms;
  std::string
      reason;  ///< why not ok, or what the decoder complained of; of the first report: a warning
  std::string kernel;  ///< only in the first report: the matching kernel this worker uses
  std::string place;   ///< only in the first report: the cores it may use, and the CPU's model
  std::string sift;    ///< only in the first report: the kernels of SIFT it uses, or "opencv"

  [[nodiscard]] bool has_result() const { return kind == Kind::result && image != kNoImage; }
  friend bool operator==(const ImageReport&, const ImageReport&) = default;
};

/// Descriptors of a reference image: rows x 128, row-major, uint8.
struct Descriptors {
  std::uint32_t rows = 0;
  std::vector<std::uint8_t> values;

  friend bool operator==(const Descriptors&, const Descriptors&) = default;
};

/// What is known of the reference: its report and, if that is ok, its descriptors.
struct ReferenceReport {
  ImageReport report;
  Descriptors descriptors;

  friend bool operator==(const ReferenceReport&, const ReferenceReport&) = default;
};

/// Version of every message here; ranks of different versions refuse to work together.
inline constexpr std::uint32_t kProtocolVersion = 4;

/// Rank 0 -> every rank, before any order.
struct Job {
  enum class Stage : std::uint8_t {
    preparing = 0,  ///< rank 0 is alive, and the job comes later
    matching = 1,
    over = 2,  ///< there is nothing to do: leave cleanly
  };
  std::uint32_t protocol_version = kProtocolVersion;
  Stage stage = Stage::preparing;
  /// A rank that is silent for so long, in seconds, is taken for lost; 0: never.
  double rank_timeout_s = 30;
  MatchOptions options;
  Descriptors reference;

  friend bool operator==(const Job&, const Job&) = default;
};

}  // namespace bundle_match
