// Boost.Serialization of core's messages, non-intrusively. Include it only where they are encoded.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/messages.hpp"

#include <boost/serialization/level.hpp>
#include <boost/serialization/tracking.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bundle_match::wire {

/// A string or a vector of bytes, into or out of an archive. What is read grows with what is there,
/// not with what the length claims: the sender may be a process that a hostile image has taken
/// over.
template <class Archive, class Bytes>
void serialize_bytes(Archive& archive, Bytes& bytes) {
  constexpr std::uint64_t kStep = 1 << 18;
  std::uint64_t left = bytes.size();
  archive& left;
  if constexpr (Archive::is_saving::value) {
    archive.save_binary(bytes.data(), bytes.size());
  } else {
    bytes.clear();
    while (left > 0) {
      const auto step = static_cast<std::size_t>(std::min(left, kStep));
      bytes.resize(bytes.size() + step);
      archive.load_binary(bytes.data() + bytes.size() - step, step);  // throws at the end
      left -= step;
    }
  }
}

/// A vector of plain values that have a serialize of their own, or are numbers. What is read grows
/// one by one, for the same reason.
template <class Archive, class Value>
void serialize_array(Archive& archive, std::vector<Value>& values) {
  std::uint64_t left = values.size();
  archive& left;
  if constexpr (Archive::is_saving::value) {
    for (Value& value : values) {
      archive& value;
    }
  } else {
    values.clear();
    for (; left > 0; --left) {
      archive& values.emplace_back();  // throws at the end
    }
  }
}

}  // namespace bundle_match::wire

namespace boost::serialization {

template <class Archive>
void serialize(Archive& archive, bundle_match::MatchedPoints& points, unsigned /*version*/) {
  archive& points.reference_x& points.reference_y& points.image_x& points.image_y;
  archive& points.inlier;
}

template <class Archive>
void serialize(Archive& archive, bundle_match::ImageOrder& order, unsigned /*version*/) {
  archive& order.action& order.image& order.deaths;
  bundle_match::wire::serialize_bytes(archive, order.path);
  const auto serialize_file = [&archive](std::optional<std::string>& file) {
    bool is_carried = file.has_value();
    archive& is_carried;
    if (is_carried) {
      bundle_match::wire::serialize_bytes(archive,
                                          Archive::is_loading::value ? file.emplace() : *file);
    }
    return is_carried;
  };
  if (serialize_file(order.contents)) {
    (void)serialize_file(order.mask_contents);
  }
  archive& order.references.first& order.references.count& order.described& order.received;
  if (order.received) {
    bundle_match::wire::serialize_bytes(archive, order.mask);
  }
  if (order.action == bundle_match::ImageOrder::Action::draw) {
    bundle_match::wire::serialize_bytes(archive, order.reference_path);
    archive& order.picture_format;
    bundle_match::wire::serialize_array(archive, order.points);
  }
}

template <class Archive>
void serialize(Archive& archive, bundle_match::SharedFile& file, unsigned /*version*/) {
  bundle_match::wire::serialize_bytes(archive, file.path);
  archive& file.inode& file.size_bytes;
}

template <class Archive>
void serialize(Archive& archive, bundle_match::ReferencesMessage& message, unsigned /*version*/) {
  bundle_match::wire::serialize_bytes(archive, message.piece);
  bool shared = message.shared.has_value();
  archive& message.last& shared;
  if (shared) {
    archive&(Archive::is_loading::value ? message.shared.emplace() : *message.shared);
  }
}

template <class Archive>
void serialize(Archive& archive, bundle_match::MatchedRows& rows, unsigned /*version*/) {
  archive& rows.reference& rows.image;
}

template <class Archive>
void serialize(Archive& archive, bundle_match::PairOutcome& outcome, unsigned /*version*/) {
  archive& outcome.matches& outcome.inliers;
  bundle_match::wire::serialize_array(archive, outcome.model);
  bundle_match::wire::serialize_array(archive, outcome.matched);
  bundle_match::wire::serialize_array(archive, outcome.inlier_positions);
}

template <class Archive>
void serialize(Archive& archive, bundle_match::StageTimes& times, unsigned /*version*/) {
  archive& times.read& times.sift& times.match;
}

template <class Archive>
void serialize(Archive& archive, bundle_match::ImageReport& report, unsigned /*version*/) {
  archive& report.kind& report.image& report.status& report.first_reference& report.keypoints;
  archive& report.width& report.height& report.elapsed_ms;
  bundle_match::wire::serialize_array(archive, report.outcomes);
  bundle_match::wire::serialize_bytes(archive, report.reason);
  bundle_match::wire::serialize_bytes(archive, report.kernel);
  bundle_match::wire::serialize_bytes(archive, report.place);
  bundle_match::wire::serialize_bytes(archive, report.sift);
  bundle_match::wire::serialize_bytes(archive, report.features);
  bundle_match::wire::serialize_bytes(archive, report.cache_key);
  archive& report.cache_hit& report.shared;
  bundle_match::wire::serialize_bytes(archive, report.thumbnail);
  bundle_match::wire::serialize_bytes(archive, report.picture);
  archive& report.drawable.reference;
  bundle_match::wire::serialize_array(archive, report.drawable.points);
}

template <class Archive>
void serialize(Archive& archive, bundle_match::MatchOptions& options, unsigned /*version*/) {
  archive& options.nfeatures& options.sift& options.first_octave& options.threads;
  archive& options.max_size& options.cross_check& options.max_ratio& options.max_distance;
  archive& options.verification& options.max_error_px& options.min_inliers;
  archive& options.cache_limit_bytes& options.report_features& options.report_matches;
  archive& options.report_pictures& options.timeout_s;
  archive& options.memory_limit_bytes& options.sandbox;
  bundle_match::wire::serialize_bytes(archive, options.kernel);
  bundle_match::wire::serialize_bytes(archive, options.mask_dir);
  bundle_match::wire::serialize_bytes(archive, options.cache_dir);
}

template <class Archive>
void serialize(Archive& archive, bundle_match::Job& job, unsigned /*version*/) {
  archive& job.protocol_version& job.stage& job.ranks& job.rank_timeout_s& job.options;
}

}  // namespace boost::serialization

// Plain values: no class information, no object tracking in the archives.
#define BUNDLE_MATCH_PLAIN_VALUE(Type)                                        \
  BOOST_CLASS_IMPLEMENTATION(Type, boost::serialization::object_serializable) \
  BOOST_CLASS_TRACKING(Type, boost::serialization::track_never)
BUNDLE_MATCH_PLAIN_VALUE(bundle_match::ImageOrder)
BUNDLE_MATCH_PLAIN_VALUE(bundle_match::StageTimes)
BUNDLE_MATCH_PLAIN_VALUE(bundle_match::ImageReport)
BUNDLE_MATCH_PLAIN_VALUE(bundle_match::MatchedRows)
BUNDLE_MATCH_PLAIN_VALUE(bundle_match::PairOutcome)
BUNDLE_MATCH_PLAIN_VALUE(bundle_match::ReferencesMessage)
BUNDLE_MATCH_PLAIN_VALUE(bundle_match::SharedFile)
BUNDLE_MATCH_PLAIN_VALUE(bundle_match::MatchOptions)
BUNDLE_MATCH_PLAIN_VALUE(bundle_match::Job)
#undef BUNDLE_MATCH_PLAIN_VALUE
