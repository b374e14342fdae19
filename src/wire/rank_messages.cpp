// The messages between ranks, for Boost.Serialization.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/core/rank_messages.hpp"

#include "bundle_match/core/peer_messages.hpp"
#include "coding.hpp"
#include "work_parts.hpp"

namespace bundle_match {

template <class Archive>
void serialize(Archive& archive, CarriedFiles& files, unsigned /*version*/) {
  archive& files.mask;
}

template <class Archive>
void serialize(Archive& archive, FilePiece& piece, unsigned /*version*/) {
  archive& piece.order& piece.file& wire::bytes(piece.bytes);
}

template <class Archive>
void serialize(Archive& archive, Order& order, unsigned /*version*/) {
  archive& order.id& wire::path(order.path) & order.deaths& order.carried& order.homes;
  archive& order.work;
}

template <class Archive>
void serialize(Archive& archive, SharedFile& file, unsigned /*version*/) {
  archive& wire::path(file.path) & file.inode& file.size_bytes;
}

template <class Archive>
void serialize(Archive& archive, ReferencesPiece& piece, unsigned /*version*/) {
  archive& piece.offset& wire::bytes(piece.bytes) & piece.set_bytes;
}

template <class Archive>
void serialize(Archive& archive, ReferencesElsewhere& references, unsigned /*version*/) {
  archive& references.file;
}

template <class Archive>
void serialize(Archive& /*archive*/, StillAlive& /*message*/, unsigned /*version*/) {}

template <class Archive>
void serialize(Archive& /*archive*/, Stop& /*message*/, unsigned /*version*/) {}

template <class Archive>
void serialize(Archive& /*archive*/, Finalize& /*message*/, unsigned /*version*/) {}

template <class Archive>
void serialize(Archive& /*archive*/, Leave& /*message*/, unsigned /*version*/) {}

template <class Archive>
void serialize(Archive& archive, LentCores& lent, unsigned /*version*/) {
  archive& lent.threads& lent.cores;
}

template <class Archive>
void serialize(Archive& archive, FeatureKeepers& keepers, unsigned /*version*/) {
  archive& keepers.number& keepers.keepers;
}

template <class Archive>
void serialize(Archive& archive, Greet& greet, unsigned /*version*/) {
  archive& greet.rank;
}

template <class Archive>
void serialize(Archive& archive, Hello& hello, unsigned /*version*/) {
  archive& wire::name(hello.kernel) & wire::name(hello.sift) & wire::name(hello.place);
  archive& wire::reason(hello.warning) & hello.cores;
}

template <class Archive>
void serialize(Archive& archive, ProcessDied& died, unsigned /*version*/) {
  archive& died.order& wire::reason(died.reason);
}

template <class Archive>
void serialize(Archive& archive, WantsReferences& wants, unsigned /*version*/) {
  archive& wants.received_bytes;
}

template <class Archive>
void serialize(Archive& archive, HasReferences& references, unsigned /*version*/) {
  archive& references.file;
}

template <class Archive>
void serialize(Archive& archive, WaitsForReferences& waits, unsigned /*version*/) {
  archive& waits.orders;
}

template <class Archive>
void serialize(Archive& archive, WantsGreeting& wants, unsigned /*version*/) {
  archive& wants.of;
}

template <class Archive>
void serialize(Archive& archive, LacksFeatures& lacks, unsigned /*version*/) {
  archive& lacks.order& lacks.homes;
}

template <class Archive>
void serialize(Archive& archive, CannotKeepFeatures& cannot, unsigned /*version*/) {
  archive& wire::reason(cannot.why);
}

template <class Archive>
void serialize(Archive& archive, CannotShareFeatures& cannot, unsigned /*version*/) {
  archive& cannot.keeper;
}

template <class Archive>
void serialize(Archive& archive, StoreFiles& files, unsigned /*version*/) {
  archive& files.memory& files.disk;
}

template <class Archive>
void serialize(Archive& archive, Greeting& greeting, unsigned /*version*/) {
  archive& greeting.store;
}

template <class Archive>
void serialize(Archive& archive, KeepFeatures& keep, unsigned /*version*/) {
  archive& keep.order& wire::bytes(keep.features);
}

template <class Archive>
void serialize(Archive& archive, FeaturesKept& kept, unsigned /*version*/) {
  archive& kept.order& kept.stored;
}

template <class Archive>
void serialize(Archive& archive, WantsFeatures& wants, unsigned /*version*/) {
  archive& wants.homes& wants.bytes;
}

template <class Archive>
void serialize(Archive& archive, FeatureCopy& copy, unsigned /*version*/) {
  archive& copy.of& copy.stored;
}

template <class Archive>
void serialize(Archive& archive, FeaturesCopied& copied, unsigned /*version*/) {
  archive& copied.copies;
}

template <class Archive>
void serialize(Archive& archive, FeatureBytes& features, unsigned /*version*/) {
  archive& features.of& wire::bytes(features.features);
}

template <class Archive>
void serialize(Archive& archive, FeaturesLacking& lacking, unsigned /*version*/) {
  archive& lacking.homes;
}

template <class Archive>
void serialize(Archive& archive, Goodbye& goodbye, unsigned /*version*/) {
  archive& wire::reason(goodbye.problem) & goodbye.longest_pause_ms;
}

template <class Archive>
void serialize(Archive& archive, MatchOptions& options, unsigned /*version*/) {
  archive& options.nfeatures& options.sift& options.first_octave& options.max_size;
  archive& wire::path(options.mask_dir) & options.cross_check& options.max_ratio;
  archive& options.max_distance& options.verification& options.max_error_px;
  archive& options.min_inliers& wire::path(options.cache_dir) & options.cache_limit_bytes;
  archive& options.feature_memory_bytes& wire::path(options.scratch_dir);
  archive& options.report_features& options.report_matches& options.report_pictures;
  archive& options.threads& options.timeout_s& options.memory_limit_bytes& options.sandbox;
  archive& wire::name(options.kernel);
}

template <class Archive>
void serialize(Archive& archive, Job& job, unsigned /*version*/) {
  archive& job.protocol_version& job.stage& job.ranks& job.rank_timeout_s& job.options;
  archive& job.rank_0_takes_features;
}

}  // namespace bundle_match

BUNDLE_MATCH_INSTANTIATE_CODING(bundle_match::CoordinatorMessage)
BUNDLE_MATCH_INSTANTIATE_CODING(bundle_match::WorkerMessage)
BUNDLE_MATCH_INSTANTIATE_CODING(bundle_match::PeerMessage)
BUNDLE_MATCH_INSTANTIATE_CODING(bundle_match::Job)
BUNDLE_MATCH_INSTANTIATE_CODING(bundle_match::LentCores)
