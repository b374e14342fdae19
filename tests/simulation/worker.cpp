// What a simulated rank does with the actions of its machine.
// SPDX-License-Identifier: Apache-2.0
#include "worker.hpp"

#include "task_key.hpp"

#include <string>
#include <utility>
#include <variant>

namespace bundle_match::simulation {

ReferencesPiece piece_of(std::uint64_t offset, std::uint64_t size_bytes, std::uint64_t set_bytes) {
  return {offset, std::to_string(size_bytes), set_bytes};
}

std::uint64_t size_of(const ReferencesPiece& piece) { return std::stoull(piece.bytes); }

SharedFile file_of(Rank rank, std::uint64_t size_bytes) {
  return {"fd", static_cast<std::uint64_t>(rank.value()), size_bytes};
}

Rank owner_of(const SharedFile& file) { return Rank(static_cast<int>(file.inode)); }

Worker::Worker(WorldBase& base, Network& network, Judge& judge, Rank rank, Duration rank_0_timeout)
    : base_(base),
      network_(network),
      judge_(judge),
      rank_(rank),
      machine_({rank_0_timeout, rank, {file_of(rank, 0), {}}, false}, base.now),
      processor_(base, judge, rank) {}

void Worker::start_processor() {
  processor_.start();
  take_from_processor();
}

void Worker::hear_processor(const Event& event) {
  processor_.hear(event);
  take_from_processor();
}

void Worker::look_at_time() {
  constexpr unsigned kBusyBehind = 100;  // of 1000 looks
  processor_.look_at_time();
  take_from_processor();
  if (end_ == WorkerEnd::not_yet) {
    handle(machine::WorkerTick{base_.random.chance(kBusyBehind), processor_.waiting()});
  }
}

void Worker::take_from_processor() {
  for (machine::WorkerEvent& event : processor_.take_events()) {
    handle(std::move(event));
  }
  if (processor_.failed()) {
    end(WorkerEnd::died);
  }
}

void Worker::handle(machine::WorkerEvent event) {
  std::vector<machine::WorkerAction> actions;
  machine_.handle(base_.now, std::move(event), actions);
  for (machine::WorkerAction& action : actions) {
    std::visit([this](auto& it) { carry_out(it); }, action);
  }
  take_from_processor();
  for (machine::WorkerEvent& next : std::exchange(follow_, {})) {
    handle(std::move(next));
  }
}

void Worker::end(WorkerEnd how) {
  end_ = how;
  base_.gone.at(rank_) = 1;
}

void Worker::carry_out(machine::Say& say) {
  network_.send_to_rank_0(rank_, std::move(say.message));
}

void Worker::carry_out(const machine::SayGoodbye& /*say*/) {
  constexpr int kMostGoodbyes = 2;  // when it is told to stop, and when it is told to leave
  require(++goodbyes_ <= kMostGoodbyes, "a worker says goodbye when it is told to", "once more");
  network_.send_to_rank_0(rank_, Goodbye{});
}

void Worker::carry_out(machine::Submit& submit) {
  base_.trace.note(base_.now, "submitted", rank_, submit.order.id.value());
  judge_.submitted(rank_, submit.order, references_.complete);
  check_features(submit);
  processor_.submit(std::move(submit.order));
}

// The features that it was given are those of the images that it needs.
void Worker::check_features(const machine::Submit& submit) const {
  constexpr const char* kFeatures = "an image is matched with the features of its partners";
  const std::vector<ReferenceIndex> images = images_needed_by(submit.order.work);
  require(submit.stored.size() == images.size(), kFeatures, "some are missing");
  for (std::size_t i = 0; i < images.size(); ++i) {
    const StoredFeatures& stored = submit.stored[i];
    if (stored.size_bytes == 0) {
      continue;  // it could not be described
    }
    require(store_of_.has_value(), kFeatures, "there is no store");
    const std::vector<std::string>& store = base_.stores.at(*store_of_);
    require(stored.offset < store.size() && store[stored.offset] == features_of(images[i]),
            kFeatures, "they are another image's");
  }
}

void Worker::carry_out(const machine::SendToPeer& send) {
  network_.send_to_peer(rank_, send.to, send.message);
}

void Worker::carry_out(const machine::AppendFeatures& append) {
  std::vector<std::string>& store = base_.stores.at(rank_);
  store.push_back(append.features);
  follow_.emplace_back(machine::FeaturesAppended{
      append.number, {StoredFeatures::File::memory, store.size() - 1, append.features.size()}});
}

void Worker::carry_out(const machine::ReadAndSend& read) {
  constexpr unsigned kUnreadable = 3;
  const std::vector<std::string>& store = base_.stores.at(rank_);
  require(read.home.keeper == rank_ && read.home.stored.offset < store.size(),
          "a keeper is asked for what it keeps", "it is not");
  if (base_.random.chance(kUnreadable)) {
    follow_.emplace_back(machine::FeaturesUnreadable{read.to, read.home});
  } else {
    network_.send_to_peer(rank_, read.to, FeatureBytes{read.home, store[read.home.stored.offset]});
  }
}

void Worker::carry_out(const machine::UseStore& use) {
  require(owner_of(use.files.memory) == use.keeper &&
              base_.run.of(use.keeper).host == base_.run.of(rank_).host,
          "a rank looks into the store of its host", "into another one's");
  const bool is_open = use.keeper == rank_ || (!base_.run.of(rank_).in_container &&
                                               !base_.run.of(use.keeper).in_container);
  if (is_open) {
    store_of_ = use.keeper;
  }
  follow_.emplace_back(machine::StoreOpened{use.keeper, is_open});
}

void Worker::carry_out(const machine::TakePiece& take) {
  const ReferencesPiece& piece = take.piece;
  if (piece.offset > references_.received_bytes) {
    throw Violation{"references arrive whole", "a piece is missing before another"};
  }
  if (piece.offset == references_.received_bytes && !references_.complete) {
    references_.received_bytes += size_of(piece);
    references_.complete = references_.received_bytes == piece.set_bytes;
    if (references_.complete) {
      use_references();
    }
  }
  follow_.emplace_back(references_taken());
}

void Worker::carry_out(const machine::OpenElsewhere& open) {
  const Rank owner = owner_of(open.file);
  const bool there = !base_.run.of(rank_).in_container && base_.gone.at(owner) == 0;
  if (base_.run.of(rank_).host != base_.run.of(owner).host) {
    throw Violation{"references are shared within a host", "a file of another host is told"};
  }
  if (there && !references_.complete) {
    references_ = {open.file.size_bytes, true};
    use_references();
  }
  follow_.emplace_back(references_taken());
}

void Worker::carry_out(const machine::EndLoop& /*end*/) { end(WorkerEnd::finalized); }
void Worker::carry_out(const machine::LeaveNow& /*leave*/) { end(WorkerEnd::left); }
void Worker::carry_out(const machine::GiveUp& /*give_up*/) { end(WorkerEnd::gave_up); }

void Worker::use_references() {
  processor_.use_references();
  take_from_processor();
}

machine::ReferencesTaken Worker::references_taken() const {
  machine::ReferencesTaken taken{references_.received_bytes, {}};
  if (references_.complete) {
    taken.complete = file_of(rank_, references_.received_bytes);
  }
  return taken;
}

}  // namespace bundle_match::simulation
