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

/// Position of a reference among the references, from 0.
using ReferenceIndex = std::uint32_t;

/// Where a match is in a reference and in an image, in pixels of the whole images.
struct MatchedPoints {
  float reference_x = 0;
  float reference_y = 0;
  float image_x = 0;
  float image_y = 0;
  bool inlier = false;

  friend bool operator==(const MatchedPoints&, const MatchedPoints&) = default;
};

/// Some of the references, one after another.
struct ReferenceRange {
  ReferenceIndex first = 0;
  ReferenceIndex count = 0;

  friend bool operator==(const ReferenceRange&, const ReferenceRange&) = default;
};

/// "The image's features are not to be taken from the set of references."
inline constexpr ReferenceIndex kNoReference = std::numeric_limits<ReferenceIndex>::max();

/// A file of memory that a process holds open: others of its node can open it by that path. Inode
/// and size tell whether it is the one that is meant: paths are not the same in every container.
struct SharedFile {
  std::string path;  ///< "/proc/PID/fd/N"
  std::uint64_t inode = 0;
  std::uint64_t size_bytes = 0;

  friend bool operator==(const SharedFile&, const SharedFile&) = default;
};

/// Rank 0 -> worker: work on this image, or stop.
struct ImageOrder {
  enum class Action : std::uint8_t {
    match = 0,
    stop = 1,       ///< no more work: say goodbye, and wait for one of the two that follow
    leave = 2,      ///< ranks were lost: say goodbye and leave without MPI_Finalize
    alive = 3,      ///< nothing to do; rank 0 still runs
    finalize = 4,   ///< every rank has said goodbye: finalize MPI
    describe = 5,   ///< only the features, which the report carries
    draw = 6,       ///< a picture of the matches with the one reference of `references`
    thumbnail = 7,  ///< only the thumbnail
  };

  Action action = Action::match;
  ImageIndex image = kNoImage;  ///< of the images or, if it is to be described, of the references
  std::string path;             ///< bytes, as the user gave them
  /// Compute processes that died of this image in earlier runs. If not 0, it is a suspect: it is
  /// computed alone in its process, and one more death is final.
  std::uint32_t deaths = 0;
  /// The file's bytes, if rank 0 sends them: the worker then does not look for the path.
  std::optional<std::string> contents = std::nullopt;
  /// Then also those of its mask, if there is one.
  std::optional<std::string> mask_contents = std::nullopt;
  ReferenceRange references = {};  ///< to match it with
  /// The image is this one of the references, too: it is not read.
  ReferenceIndex described = kNoReference;
  /// Between rank and compute process: the rank has received the file; `path` is where it is, and
  /// `mask` where its mask is, if there is one.
  bool received = false;
  std::string mask = {};
  /// To draw (of no other order): the reference's, bytes as the user gave them.
  std::string reference_path = {};
  PictureFormat picture_format = PictureFormat::jpeg;
  std::vector<MatchedPoints> points = {};  ///< if they are known; else they are computed

  /// Of the files that travel with it.
  [[nodiscard]] std::uint64_t carried_bytes() const {
    return (contents ? contents->size() : 0) + (mask_contents ? mask_contents->size() : 0);
  }

  friend bool operator==(const ImageOrder&, const ImageOrder&) = default;
};

/// Rank 0 -> worker: the set of references (features/feature_set.hpp), or where it is.
struct ReferencesMessage {
  std::string piece;  ///< of the set's bytes
  bool last = false;  ///< whether it is the last one
  /// Instead: the file of a process on this node that has it.
  std::optional<SharedFile> shared = std::nullopt;

  friend bool operator==(const ReferencesMessage&, const ReferencesMessage&) = default;
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

/// All that it takes to draw an image's best pair.
struct DrawablePair {
  ReferenceIndex reference = kNoReference;
  std::vector<MatchedPoints> points;

  friend bool operator==(const DrawablePair&, const DrawablePair&) = default;
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
    wants_references = 5,  ///< the next piece of them; it cannot open those that are shared
    has_references = 6,    ///< all of them, in the file `shared`
  };

  Kind kind = Kind::result;
  ImageIndex image = kNoImage;
  ImageStatus status = ImageStatus::ok;
  ReferenceIndex first_reference = 0;
  std::vector<PairOutcome> outcomes;  ///< if ok: one for each reference of the order
  std::uint32_t keypoints = 0;
  std::uint32_t width = 0;   ///< pixels, after EXIF rotation; 0 if not known
  std::uint32_t height = 0;  ///< pixels
  StageTimes elapsed_ms;
  /// Why not ok, or what the decoder complained of; of the first report and the goodbye: a warning.
  std::string reason;
  std::string kernel;  ///< only in the first report: the matching kernel this worker uses
  std::string place;   ///< only in the first report: the cores it may use, and the CPU's model
  std::string sift;    ///< only in the first report: the kernels of SIFT it uses, or "opencv"
  /// The image's features, encoded (features/feature_codec.hpp): if it was described, or reports
  /// are to carry them.
  std::string features;
  /// Between compute process and rank: the entry of the cache that the features came from, or that
  /// is to be made of `features`.
  std::string cache_key;
  bool cache_hit = false;
  SharedFile shared;
  std::string thumbnail;  ///< a JPEG, if it is asked for and the image itself was read
  std::string picture;    ///< what was to be drawn, as a file's bytes
  DrawablePair drawable;  ///< if it is asked for and may be among the best of the run

  [[nodiscard]] bool has_result() const { return kind == Kind::result && image != kNoImage; }
  friend bool operator==(const ImageReport&, const ImageReport&) = default;
};

/// Version of every message here; ranks of different versions refuse to work together.
inline constexpr std::uint32_t kProtocolVersion = 7;

/// Rank 0 -> every rank, before any order.
struct Job {
  enum class Stage : std::uint8_t {
    working = 0,  ///< orders follow
    over = 1,     ///< there is nothing to do: the rank ends
  };

  std::uint32_t protocol_version = kProtocolVersion;  ///< first: read before the rest
  Stage stage = Stage::working;
  std::uint32_t ranks = 1;
  double rank_timeout_s = 30;  ///< silence after which a rank is taken for lost; 0: never
  MatchOptions options;
  friend bool operator==(const Job&, const Job&) = default;
};

}  // namespace bundle_match
