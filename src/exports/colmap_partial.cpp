// Writes rows into the partial database and decides when they are committed to disk.
// SPDX-License-Identifier: Apache-2.0
#include "colmap_partial.hpp"

#include "arguments.hpp"
#include "bundle_match/posix/disk.hpp"
#include "colmap_schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace bundle_match::exports {
namespace {

// An append-mostly file: a rollback journal holds only the few pages that change, where a WAL would
// hold every blob once more. The lock is kept until the file is closed.
constexpr char kDurability[] =
    "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = FULL;";

constexpr std::array<double, 9> kZeros{};

void create_colmap_tables(Database& database) {
  database.execute(kColmapSchema);
  database.execute(fmt::format("PRAGMA user_version = {}; PRAGMA application_id = {}",
                               kColmapVersion, kApplicationId)
                       .c_str());
}

// Also for the images and pairs that a copied finished database holds.
void create_own_tables(Database& database) {
  database.execute(kOwnTables);
  database.execute(
      "INSERT INTO bundle_match_images SELECT image_id, name FROM images;"
      // It is not known any more from which side these pairs were added.
      "INSERT INTO bundle_match_pairs SELECT pair_id / 2147483647, pair_id % 2147483647"
      " FROM matches;"
      "INSERT INTO bundle_match_pairs SELECT pair_id % 2147483647, pair_id / 2147483647"
      " FROM matches");
}

bool has_tables(Database& database, std::string_view which) {
  return database.value_of(
             fmt::format("SELECT count(*) FROM sqlite_schema WHERE name LIKE '{}'", which)) > 0;
}

}  // namespace

struct ColmapPartial::Statements {
  explicit Statements(Database& d) : database(d) {}

  Database& database;
  Statement find_path{database, "SELECT image_id FROM bundle_match_images WHERE name = ?"};
  Statement find_id{database, "SELECT 1 FROM bundle_match_images WHERE image_id = ?"};
  Statement insert_path{database, "INSERT INTO bundle_match_images VALUES(?, ?)"};
  Statement find_image{database, "SELECT 1 FROM images WHERE name = ?"};
  Statement insert_camera{database, "INSERT OR REPLACE INTO cameras VALUES(?, ?, ?, ?, ?, 0)"};
  Statement insert_image{
      database, "INSERT OR REPLACE INTO images(image_id, name, camera_id) VALUES(?, ?, ?)"};
  Statement insert_keypoints{database, "INSERT OR REPLACE INTO keypoints VALUES(?, ?, ?, ?)"};
  Statement insert_descriptors{database, "INSERT OR REPLACE INTO descriptors VALUES(?, ?, ?, ?)"};
  Statement find_pair{database,
                      "SELECT 1 FROM bundle_match_pairs WHERE reference_id = ? AND image_id = ?"};
  Statement mark_pair{database, "INSERT OR IGNORE INTO bundle_match_pairs VALUES(?, ?)"};
  Statement insert_matches{database, "INSERT OR REPLACE INTO matches VALUES(?, ?, 2, ?)"};
  Statement insert_geometry{
      database, "INSERT OR REPLACE INTO two_view_geometries VALUES(?, ?, 2, ?, ?, ?, ?, ?, ?, ?)"};
  Statement delete_geometry{database, "DELETE FROM two_view_geometries WHERE pair_id = ?"};
};

bool is_ours(Database& database) {
  return database.value_of("PRAGMA application_id") == kApplicationId &&
         database.value_of("PRAGMA user_version") == kColmapVersion;
}

ColmapPartial::ColmapPartial(const std::string& path, double offset)
    : path_(path), offset_(offset), database_(path, Database::Mode::read_write) {
  database_.execute(kDurability);
  // Takes the lock, and undoes what an interrupted run had not committed.
  database_.execute("BEGIN EXCLUSIVE");
  if (!has_tables(database_, "%")) {
    create_colmap_tables(database_);
  } else if (!is_ours(database_)) {
    throw std::runtime_error(path_ + " is not a database that this program was writing");
  }
  if (!has_tables(database_, "bundle_match_images")) {
    create_own_tables(database_);
  }
  database_.execute("COMMIT");
  prepare();
}

ColmapPartial::~ColmapPartial() = default;

void ColmapPartial::prepare() {
  statements_ = std::make_unique<Statements>(database_);
  highest_id_ = database_.value_of("SELECT ifnull(max(image_id), 0) FROM bundle_match_images");
}

void ColmapPartial::begin() {
  if (!in_transaction_) {
    database_.execute("BEGIN");
    in_transaction_ = true;
  }
}

ImageId ColmapPartial::find_id(std::string_view path) {
  Statement& find = statements_->find_path;
  return find.bind_text(1, path).run() ? find.integer() : 0;
}

void ColmapPartial::insert_path(ImageId id, std::string_view path) {
  if (id >= kMaxImages) {
    throw std::runtime_error(path_ + ": COLMAP takes no more images");
  }
  begin();
  statements_->insert_path.bind(1, id).bind_text(2, path).run();
  highest_id_ = std::max(highest_id_, id);
}

void ColmapPartial::add_path(std::int64_t position, std::string_view path) {
  if (find_id(path) == 0) {
    const bool taken = statements_->find_id.bind(1, position + 1).run();
    insert_path(taken ? highest_id_ + 1 : position + 1, path);
  }
}

ImageId ColmapPartial::id_of(std::string_view path) {
  if (const ImageId id = find_id(path); id != 0) {
    return id;
  }
  insert_path(highest_id_ + 1, path);
  return highest_id_;
}

bool ColmapPartial::has_image(std::string_view path) {
  return statements_->find_image.bind_text(1, path).run();
}

bool ColmapPartial::has_pair(std::string_view reference, std::string_view image) {
  const ImageId a = find_id(reference);
  const ImageId b = find_id(image);
  return a != 0 && b != 0 && statements_->find_pair.bind(1, a).bind(2, b).run();
}

void ColmapPartial::add_image(std::string_view path, const features::DescribedView& image) {
  begin();
  const ImageId id = id_of(path);
  const auto camera = camera_parameters(image.width, image.height);
  const auto keypoints = keypoint_rows(image.keypoints, offset_);
  const auto rows = static_cast<std::int64_t>(image.keypoints.size());
  const std::span descriptors(image.descriptors,
                              image.keypoints.size() * features::kSiftDescriptorBytes);
  Statements& s = *statements_;
  s.insert_camera.bind(1, id).bind(2, kSimpleRadial).bind(3, image.width).bind(4, image.height);
  s.insert_camera.bind_blob(5, bytes_of(camera)).run();
  s.insert_image.bind(1, id).bind_text(2, path).bind(3, id).run();
  s.insert_keypoints.bind(1, id).bind(2, rows).bind(3, kKeypointColumns);
  s.insert_keypoints.bind_blob(4, bytes_of(keypoints)).run();
  s.insert_descriptors.bind(1, id).bind(2, rows).bind(3, features::kSiftDescriptorBytes);
  s.insert_descriptors.bind_blob(4, bytes_of(descriptors)).run();
}

void ColmapPartial::add_pair(const PairMatches& pair) {
  if (pair.reference == pair.image) {
    return;
  }
  const ImageId reference = id_of(pair.reference);
  const ImageId image = id_of(pair.image);
  const bool swap = reference > image;
  const PairRows rows = pair_rows(pair, swap, offset_);
  begin();
  // If a pair comes from both sides, the side that is kept does not depend on which comes first.
  if (!swap || !statements_->find_pair.bind(1, image).bind(2, reference).run()) {
    write_pair(pair_id(reference, image), rows);
  }
  statements_->mark_pair.bind(1, reference).bind(2, image).run();
}

void ColmapPartial::write_pair(std::int64_t pair, const PairRows& rows) {
  Statements& s = *statements_;
  s.insert_matches.bind(1, pair).bind(2, static_cast<std::int64_t>(rows.matches.size()));
  s.insert_matches.bind_blob(3, bytes_of(rows.matches)).run();
  if (!rows.geometry) {
    s.delete_geometry.bind(1, pair).run();
    return;
  }
  const GeometryRow& geometry = *rows.geometry;
  const auto inliers = static_cast<std::int64_t>(geometry.inliers.size());
  const bool known = inliers > 0;  // COLMAP writes no matrices where there are no inliers
  const auto blob = [known](std::span<const double> values) {
    return known ? bytes_of(values) : std::string_view();
  };
  s.insert_geometry.bind(1, pair).bind(2, inliers).bind_blob(3, bytes_of(geometry.inliers));
  s.insert_geometry.bind(4, static_cast<std::int64_t>(geometry.config));
  s.insert_geometry.bind_blob(5, blob(geometry.fundamental)).bind_blob(6, blob(kZeros));
  s.insert_geometry.bind_blob(7, blob(geometry.homography));
  s.insert_geometry.bind_blob(8, blob(std::span(kZeros).first(4)));
  s.insert_geometry.bind_blob(9, blob(std::span(kZeros).first(3))).run();
}

void ColmapPartial::commit() {
  if (in_transaction_) {
    database_.execute("COMMIT");
    in_transaction_ = false;
  }
}

void ColmapPartial::complete() {
  begin();
  statements_.reset();
  database_.execute(kDropOwnTables);
  commit();
  database_.execute("PRAGMA journal_mode = DELETE");
}

void copy_to_partial(const std::string& finished, const std::string& partial) {
  const std::string copy = partial + ".new";
  remove_file(copy);
  {
    Database source(finished, Database::Mode::read_only);
    Statement(source, "VACUUM INTO ?").bind_text(1, copy).run();
  }
  rename_durably(copy, partial);
}

void remove_partial(const std::string& path) {
  if (Database(path, Database::Mode::read_write).in_use()) {
    throw std::runtime_error(path + " is being written by another run");
  }
  remove_file(path);
  remove_companions(path);
}

void remove_companions(const std::string& database) {
  for (const char* ending : {"-journal", "-wal", "-shm"}) {
    remove_file(database + ending);
  }
}

}  // namespace bundle_match::exports
