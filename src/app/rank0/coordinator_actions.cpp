// What rank 0 does when the run's machine says so.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/features/image_reader.hpp"
#include "bundle_match/posix/file_descriptor.hpp"
#include "bundle_match/posix/memory_file.hpp"
#include "bundle_match/results/result_writer.hpp"
#include "process/launch.hpp"
#include "rank0/coordinator.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <variant>

namespace bundle_match::app {
namespace {

// Or why it cannot be read.
std::variant<ReferencesPiece, std::string> read_piece(int file,
                                                      const machine::SendReferences& action) {
  ReferencesPiece piece{action.offset, std::string(action.size_bytes, '\0'), action.set_bytes};
  const std::int64_t size = read_at(file, piece.bytes, piece.offset);
  if (size != static_cast<std::int64_t>(piece.bytes.size())) {
    const std::error_code error(size < 0 ? errno : EIO, std::generic_category());
    return "cannot read the references: " + error.message();
  }
  return piece;
}

}  // namespace

void Coordinator::send(Rank rank, CoordinatorMessage message) {
  if (rank == kRank0) {
    own_.deliver(std::move(message));
  } else {
    link_.send(rank, message);
  }
}

void Coordinator::send(ReadPiece read) {
  if (const auto* const why = std::get_if<std::string>(&read.piece)) {
    throw std::runtime_error(*why);
  }
  send(read.rank, std::get<ReferencesPiece>(std::move(read.piece)));
}

void Coordinator::act(machine::Send& action) { send(action.rank, std::move(action.message)); }

void Coordinator::act(const machine::SendReferences& action) {
  const auto read = [action, references = stage_->references]() -> std::optional<ReadPiece> {
    return ReadPiece{action.rank, read_piece(references->get(), action)};
  };
  if (is_memory_file(stage_->references->get())) {
    send(*read());
  } else {
    pieces_.submit(read);
  }
}

void Coordinator::act(const machine::HandOut& action) {
  Order order = stage_->orders->order(action.task, action.order);
  monitor_->assigned(action.rank, now_);
  if (auto why = add_homes(order)) {
    OrderResult result;
    result.order = action.order;
    result.status = ImageStatus::failed;
    result.reason = std::move(*why);
    refused_.push_back({action.rank, std::move(result)});
    return;
  }
  if (order.deaths > 0 && stage_->keeps_journal) {
    sink_.begin(action.task, action.order);
    suspects_.emplace(action.order, std::move(order));
    return;
  }
  sink_.begin(action.task, std::nullopt);
  send_order(action.rank, std::move(order));
}

// Where the features are of the images that the order needs. Why it cannot be done, if they are
// nowhere.
std::optional<std::string> Coordinator::add_homes(Order& order) const {
  if (!stage_->kept_images) {
    return std::nullopt;
  }
  const machine::FeatureKeeping& features = *machine_.features();
  for (const ReferenceIndex image : images_needed_by(order.work)) {
    if (features.is_gone(image)) {
      return fmt::format("the features of {} were lost with a rank, and could not be made again",
                         results::escape_path(input_.path_of(image)).path);
    }
    order.homes.push_back(features.find(image).value_or(FeatureHome()));
  }
  return std::nullopt;
}

void Coordinator::send_order(Rank rank, Order order) {
  if (rank == kRank0) {
    own_.deliver(std::move(order));
  } else {
    sender_.send(rank, std::move(order));
  }
}

// If a rank still holds it: the run may have been asked to end since.
void Coordinator::send_suspect(OrderId id) {
  auto suspect = suspects_.extract(id);
  if (suspect.empty()) {
    return;
  }
  for (const Rank rank : ranks_.ids()) {
    if (machine_.scheduler().find(rank, id)) {
      send_order(rank, std::move(suspect.mapped()));
      return;
    }
  }
}

void Coordinator::act(machine::Keep& action) {
  const OrderResult& result = action.result;
  const double elapsed_ms = static_cast<double>(result.elapsed_ms.total());
  RankRecord& rank = ranks_.at(action.rank);
  rank.images += stage_->orders->counts_as_image(action.task) ? 1 : 0;
  rank.busy_s += stage_->orders->counts_as_work(action.task) ? elapsed_ms / 1000 : 0;
  last_result_ = now_;
  monitor_->finished(action.rank, action.task, result.status, elapsed_ms, now_);
  sink_.keep(std::move(action));
}

void Coordinator::act(machine::KeepDeath& action) { sink_.keep_death(std::move(action)); }

void Coordinator::act(const machine::LookForFile& action) {
  background_.submit([order = action.order, path = std::string(stage_->orders->path(action.task))] {
    return machine::FileLookedFor{order, !features::why_not_a_file(path)};
  });
}

void Coordinator::act(const machine::OpenStage& /*action*/) {
  progress_.finish();
  sink_.open_stage(stage_elapsed_s());
}

void Coordinator::act(machine::FindLost& action) { sink_.find_lost(std::move(action)); }

void Coordinator::act(const machine::NoteLending& action) { sink_.note_lending(action); }

void Coordinator::act(const machine::NoteEndAsked& /*action*/) { sink_.note_end_asked(); }

void Coordinator::act(const machine::AbandonStage& /*action*/) {
  progress_.finish();
  sink_.abandon_stage();
}

void Coordinator::act(machine::WriteEnding& action) {
  progress_.finish();
  ranks_.at(kRank0).longest_pause_ms = pauses_.longest_ms();
  sink_.write_ending(std::move(action.outcome), ranks_);
}

void Coordinator::act(const machine::Kill& action) {
  background_.submit([rank = action.rank]() -> std::optional<machine::RunEvent> {
    kill_rank_on_this_node(rank);
    return std::nullopt;
  });
}

void Coordinator::act(const machine::TellStarted& action) {
  const Hello& hello = action.hello;
  ranks_.at(action.rank).kernel = hello.kernel;
  sink_.rank_started(action.rank, hello.kernel);
  console_.log().info("rank {} on {}: kernel {}, SIFT {}{}{}", action.rank.value(),
                      ranks_.at(action.rank).host, hello.kernel, hello.sift,
                      hello.place.empty() ? "" : ", ", hello.place);
  // Once a host: what all ranks there have in common, each of them would say.
  if (!hello.warning.empty() &&
      warned_.emplace(ranks_.at(action.rank).host, hello.warning).second) {
    console_.log().warn("rank {} on {}: {}", action.rank.value(), ranks_.at(action.rank).host,
                        hello.warning);
  }
}

void Coordinator::act(const machine::DropRank& action) {
  ranks_.at(action.rank).lost = true;
  link_.forget(action.rank);
  console_.log().warn("rank {} on {} {}; its {} images are handed to others", action.rank.value(),
                      ranks_.at(action.rank).host, action.how, action.tasks);
  if (monitor_) {
    monitor_->assigned(action.rank, now_);
  }
}

void Coordinator::act(const machine::TellProblem& action) {
  console_.log().warn("rank {} on {}: {}", action.rank.value(), ranks_.at(action.rank).host,
                      action.problem);
}

// Told now: a launcher that ends the job may leave no time to do so later.
void Coordinator::act(const machine::TellEndAsked& /*action*/) {
  progress_.finish();
  // Before its references are made, a run has nothing to go on from.
  const bool any_kept =
      stage_ && stage_->keeps_journal && (stage_->references || !stage_->progress_of_references);
  console_.log().warn("asked to end: images under way are finished{}",
                      any_kept ? "; the same command goes on from there: " + input_.launch : "");
}

void Coordinator::act(machine::Finish& action) { finish_ = std::move(action); }

}  // namespace bundle_match::app
