// The states of the database: none, partial, finished, and partial again when there is more to add.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/exports/colmap_database.hpp"

#include "bundle_match/core/path_list.hpp"
#include "bundle_match/posix/disk.hpp"
#include "colmap_partial.hpp"
#include "sqlite.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <utility>

namespace bundle_match::exports {
namespace {

// A finished database, only read.
class FinishedDatabase {
 public:
  explicit FinishedDatabase(const std::string& path) : database_(path, Database::Mode::read_only) {}

  [[nodiscard]] bool has_image(std::string_view path) { return id_of(path) != 0; }

  [[nodiscard]] bool has_pair(std::string_view reference, std::string_view image) {
    const ImageId a = id_of(reference);
    const ImageId b = id_of(image);
    return a != 0 && b != 0 && find_pair_.bind(1, pair_id(a, b)).run();
  }

 private:
  ImageId id_of(std::string_view path) {
    return find_id_.bind_text(1, path).run() ? find_id_.integer() : 0;
  }

  Database database_;
  Statement find_id_{database_, "SELECT image_id FROM images WHERE name = ?"};
  Statement find_pair_{database_, "SELECT 1 FROM matches WHERE pair_id = ?"};
};

class ColmapDatabase final : public Exporter {
 public:
  ColmapDatabase(std::string path, const ColmapOptions& options);

  void set_order(std::span<const std::string_view> paths) override;
  [[nodiscard]] bool has_image(std::string_view path) const override;
  [[nodiscard]] bool has_pair(std::string_view reference, std::string_view image) const override;
  void add_image(std::string_view path, const features::DescribedView& image) override;
  void add_pair(const PairMatches& pair) override;
  void flush() override;
  void finish() override;

 private:
  void refuse_foreign() const;
  ColmapPartial& partial();

  const std::string path_;
  const std::string partial_path_ = path_ + ".partial";
  const double offset_;
  // One of the two.
  std::unique_ptr<FinishedDatabase> finished_;
  std::unique_ptr<ColmapPartial> partial_;
  PathList order_;  // if finished_: for the partial database that may come
};

ColmapDatabase::ColmapDatabase(std::string path, const ColmapOptions& options)
    : path_(std::move(path)), offset_(pixel_offset(options.first_octave)) {
  namespace fs = std::filesystem;
  if (options.overwrite) {
    if (fs::exists(partial_path_)) {
      remove_partial(partial_path_);
    }
  } else if (fs::exists(path_)) {
    refuse_foreign();
    if (!fs::exists(partial_path_)) {
      finished_ = std::make_unique<FinishedDatabase>(path_);
      return;
    }
  }
  partial_ = std::make_unique<ColmapPartial>(partial_path_, offset_);
}

void ColmapDatabase::refuse_foreign() const {
  Database database(path_, Database::Mode::read_only);
  if (!is_ours(database)) {
    throw std::runtime_error(path_ + " exists and was not written by this program");
  }
}

// The writer of what is added; what was finished is added to in a copy.
ColmapPartial& ColmapDatabase::partial() {
  if (finished_) {
    copy_to_partial(path_, partial_path_);
    partial_ = std::make_unique<ColmapPartial>(partial_path_, offset_);
    finished_.reset();
    for (std::size_t i = 0; i < order_.size(); ++i) {
      partial_->add_path(static_cast<std::int64_t>(i), order_[i]);
    }
  }
  return *partial_;
}

void ColmapDatabase::set_order(std::span<const std::string_view> paths) {
  std::int64_t position = 0;
  for (const std::string_view path : paths) {
    if (finished_) {
      order_.add(path);
    } else {
      partial_->add_path(position++, path);
    }
  }
}

bool ColmapDatabase::has_image(std::string_view path) const {
  return finished_ ? finished_->has_image(path) : partial_->has_image(path);
}

bool ColmapDatabase::has_pair(std::string_view reference, std::string_view image) const {
  if (reference == image) {
    return true;  // there is nothing to write
  }
  return finished_ ? finished_->has_pair(reference, image) : partial_->has_pair(reference, image);
}

void ColmapDatabase::add_image(std::string_view path, const features::DescribedView& image) {
  partial().add_image(path, image);
}

void ColmapDatabase::add_pair(const PairMatches& pair) { partial().add_pair(pair); }

void ColmapDatabase::flush() {
  if (partial_) {
    partial_->commit();
  }
}

void ColmapDatabase::finish() {
  if (finished_) {
    return;
  }
  partial_->complete();
  partial_.reset();
  remove_companions(path_);
  rename_durably(partial_path_, path_);
  finished_ = std::make_unique<FinishedDatabase>(path_);
}

}  // namespace

std::unique_ptr<Exporter> open_colmap_database(const std::string& path,
                                               const ColmapOptions& options) {
  return std::make_unique<ColmapDatabase>(path, options);
}

}  // namespace bundle_match::exports
