// COLMAP's database: its schema, its rows, and that they do not depend on the order of events.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/exports/colmap_database.hpp"

#include "support/export_samples.hpp"
#include "support/sqlite_rows.hpp"
#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bundle_match::exports {
namespace {

namespace fs = std::filesystem;
using test::colmap_rows;
using test::SampleImage;
using test::SamplePair;
using test::sqlite_rows;
using test::TempDir;
using Strings = std::vector<std::string>;

// What `colmap database_creator` of 3.8 makes, but for the blanks.
const std::string kSchema =
    "CREATE TABLE cameras (camera_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, model INTEGER NOT "
    "NULL, width INTEGER NOT NULL, height INTEGER NOT NULL, params BLOB, prior_focal_length "
    "INTEGER NOT NULL)\n"
    "CREATE TABLE images (image_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, name TEXT NOT NULL "
    "UNIQUE, camera_id INTEGER NOT NULL, prior_qw REAL, prior_qx REAL, prior_qy REAL, prior_qz "
    "REAL, prior_tx REAL, prior_ty REAL, prior_tz REAL,CONSTRAINT image_id_check CHECK(image_id >= "
    "0 and image_id < 2147483647),FOREIGN KEY(camera_id) REFERENCES cameras(camera_id))\n"
    "CREATE UNIQUE INDEX index_name ON images(name)\n"
    "CREATE TABLE keypoints (image_id INTEGER PRIMARY KEY NOT NULL, rows INTEGER NOT NULL, cols "
    "INTEGER NOT NULL, data BLOB,FOREIGN KEY(image_id) REFERENCES images(image_id) ON DELETE "
    "CASCADE)\n"
    "CREATE TABLE descriptors (image_id INTEGER PRIMARY KEY NOT NULL, rows INTEGER NOT NULL, cols "
    "INTEGER NOT NULL, data BLOB,FOREIGN KEY(image_id) REFERENCES images(image_id) ON DELETE "
    "CASCADE)\n"
    "CREATE TABLE matches (pair_id INTEGER PRIMARY KEY NOT NULL, rows INTEGER NOT NULL, cols "
    "INTEGER NOT NULL, data BLOB)\n"
    "CREATE TABLE two_view_geometries (pair_id INTEGER PRIMARY KEY NOT NULL, rows INTEGER NOT "
    "NULL, cols INTEGER NOT NULL, data BLOB, config INTEGER NOT NULL, F BLOB, E BLOB, H BLOB, qvec "
    "BLOB, tvec BLOB)\n";

Strings schema_of(const std::string& path) {
  return sqlite_rows(path, "SELECT sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'");
}

std::string lines_with_single_blanks(const Strings& texts) {
  std::string lines;
  for (const std::string& text : texts) {
    lines += text + '\n';
  }
  const auto both = [](char a, char b) { return a == ' ' && b == ' '; };
  lines.erase(std::unique(lines.begin(), lines.end(), both), lines.end());
  return lines;
}

class ColmapDatabaseTest : public testing::Test {
 protected:
  [[nodiscard]] std::unique_ptr<Exporter> open() const { return open_colmap_database(path_, {}); }

  [[nodiscard]] Strings query(const std::string& sql) const { return sqlite_rows(path_, sql); }

  TempDir dir_;
  const std::string path_ = dir_ / "database.db";
  const SampleImage image_{5};
  const SamplePair pair_{};
};

TEST_F(ColmapDatabaseTest, HasTheSchemaOfColmap) {
  open()->finish();
  EXPECT_EQ(lines_with_single_blanks(schema_of(path_)), kSchema);
  EXPECT_EQ(query("PRAGMA user_version"), Strings{"3800"});
}

TEST_F(ColmapDatabaseTest, HasTheSchemaThatColmapMakesHere) {
  const std::string theirs = dir_ / "theirs.db";
  const std::string command =
      "QT_QPA_PLATFORM=offscreen colmap database_creator --database_path '" + theirs + "' >'" +
      (dir_ / "colmap.log") + "' 2>&1";
  if (std::system(command.c_str()) != 0 ||
      sqlite_rows(theirs, "PRAGMA user_version") != Strings{"3800"}) {
    GTEST_SKIP() << "no colmap 3.8 here";
  }
  open()->finish();
  EXPECT_EQ(schema_of(path_), schema_of(theirs));
}

TEST_F(ColmapDatabaseTest, AppearsAtTheEndAndAlone) {
  const auto exporter = open();
  exporter->add_image("a", image_.view());
  exporter->flush();
  EXPECT_FALSE(fs::exists(path_));
  EXPECT_TRUE(fs::exists(path_ + ".partial"));
  exporter->finish();
  const fs::directory_iterator files(dir_.path());
  EXPECT_EQ(std::distance(begin(files), end(files)), 1);
  EXPECT_EQ(query("PRAGMA integrity_check"), Strings{"ok"});
}

TEST_F(ColmapDatabaseTest, WritesAnImage) {
  const auto exporter = open();
  exporter->add_image("photos/a.jpg", image_.view());
  exporter->finish();
  EXPECT_EQ(query("SELECT * FROM images"),
            Strings{"1|photos/a.jpg|1|NULL|NULL|NULL|NULL|NULL|NULL|NULL"});
  // 768, 320, 240 and 0 as doubles.
  EXPECT_EQ(
      query("SELECT camera_id, model, width, height, hex(params), prior_focal_length FROM cameras"),
      Strings{"1|2|640|480|0000000000008840000000000000744000000000"
              "00006E400000000000000000|0"});
  EXPECT_EQ(query("SELECT image_id, rows, cols, length(data) FROM keypoints"),
            Strings{"1|5|6|120"});
  EXPECT_EQ(query("SELECT image_id, rows, cols, length(data) FROM descriptors"),
            Strings{"1|5|128|640"});
}

TEST_F(ColmapDatabaseTest, WritesNothingOfAnImageWithoutFeatures) {
  const auto exporter = open();
  exporter->add_image("a", SampleImage(0).view());
  exporter->finish();
  EXPECT_EQ(query("SELECT * FROM keypoints"), Strings{"1|0|6|NULL"});
  EXPECT_EQ(query("SELECT * FROM descriptors"), Strings{"1|0|128|NULL"});
}

TEST_F(ColmapDatabaseTest, ReplacesAnImageAndAPair) {
  const auto exporter = open();
  exporter->add_image("a", image_.view());
  exporter->add_image("b", image_.view());
  exporter->add_image("a", SampleImage(3).view());
  exporter->add_pair(pair_.with("a", "b"));
  exporter->add_pair({"a", "b", pair_.matches, Verification::none, {}, {}});
  exporter->finish();
  EXPECT_EQ(query("SELECT image_id, rows FROM keypoints"), (Strings{"1|3", "2|5"}));
  EXPECT_EQ(query("SELECT pair_id, rows FROM matches"), Strings{"2147483649|3"});
  EXPECT_EQ(query("SELECT * FROM two_view_geometries"), Strings{});
}

TEST_F(ColmapDatabaseTest, WritesAPairFromTheSideOfTheLowerId) {
  const auto exporter = open();
  exporter->set_order(std::vector<std::string_view>{"a", "b"});
  exporter->add_pair(pair_.with("b", "a"));
  exporter->finish();
  EXPECT_EQ(query("SELECT pair_id, rows, cols, hex(data) FROM matches"),
            Strings{"2147483649|3|2|020000000000000000000000010000000400000003000000"});
  EXPECT_EQ(query("SELECT pair_id, rows, cols, hex(data), config, length(F), hex(E) = hex(H),"
                  " length(qvec), length(tvec) FROM two_view_geometries"),
            Strings{"2147483649|2|2|02000000000000000400000003000000|3|72|1|32|24"});
}

TEST_F(ColmapDatabaseTest, TellsOfAPairWithoutGeometry) {
  const auto exporter = open();
  exporter->add_pair({"a", "b", pair_.matches, Verification::homography, {}, {}});
  exporter->finish();
  EXPECT_EQ(query("SELECT * FROM two_view_geometries"),
            Strings{"2147483649|0|2|NULL|1|NULL|NULL|NULL|NULL|NULL"});
}

TEST_F(ColmapDatabaseTest, HasNoPairOfAnImageWithItself) {
  const auto exporter = open();
  EXPECT_TRUE(exporter->has_pair("a", "a"));
  exporter->add_pair(pair_.with("a", "a"));
  exporter->finish();
  EXPECT_TRUE(exporter->has_pair("a", "a"));
  EXPECT_EQ(query("SELECT * FROM matches"), Strings{});
}

TEST_F(ColmapDatabaseTest, DoesNotDependOnTheOrderOfCompletion) {
  const std::vector<std::string_view> order = {"c", "a", "c", "b"};
  const std::string other = dir_ / "other.db";
  SamplePair fewer;
  fewer.matches.pop_back();
  fewer.inliers.pop_back();
  const auto forwards = open();
  forwards->set_order(order);
  forwards->add_image("a", image_.view());
  forwards->add_pair(pair_.with("c", "a"));
  forwards->add_pair(fewer.with("a", "c"));
  forwards->add_image("b", SampleImage(2, 7).view());
  forwards->finish();
  const auto backwards = open_colmap_database(other, {});
  backwards->set_order(order);
  backwards->add_image("b", SampleImage(2, 7).view());
  backwards->add_pair(fewer.with("a", "c"));
  backwards->add_pair(pair_.with("c", "a"));
  backwards->add_image("a", image_.view());
  backwards->finish();
  EXPECT_EQ(colmap_rows(path_), colmap_rows(other));
  EXPECT_EQ(query("SELECT image_id, name FROM images"), (Strings{"2|a", "4|b"}));
  EXPECT_EQ(query("SELECT pair_id, rows FROM matches"), Strings{"2147483649|3"});
}

TEST_F(ColmapDatabaseTest, MovesFeaturesAsTheirFirstOctaveWants) {
  const std::string whole = dir_ / "whole.db";
  for (const auto& [path, first_octave] : {std::pair(path_, -1), std::pair(whole, 0)}) {
    const auto exporter = open_colmap_database(path, {.first_octave = first_octave});
    SampleImage image(1);
    image.features.keypoints[0].x = 8;
    exporter->add_image("a", image.view());
    exporter->finish();
  }
  const std::string first_float = "SELECT hex(substr(data, 1, 4)) FROM keypoints";
  EXPECT_EQ(query(first_float), Strings{"00000441"});               // 8.25
  EXPECT_EQ(sqlite_rows(whole, first_float), Strings{"00000841"});  // 8.5
}

TEST_F(ColmapDatabaseTest, KeepsPathsAsTheyAre) {
  const Strings paths = {"it's", "two\nlines", "\xff\xfe.jpg", "\"q\"", "-x", "caf\xc3\xa9", ".."};
  const auto exporter = open();
  for (const std::string& path : paths) {
    EXPECT_FALSE(exporter->has_image(path));
    exporter->add_image(path, image_.view());
    EXPECT_TRUE(exporter->has_image(path));
  }
  exporter->finish();
  for (const std::string& path : paths) {
    EXPECT_TRUE(exporter->has_image(path));
  }
  EXPECT_EQ(query("SELECT name FROM images ORDER BY image_id"), paths);
  EXPECT_EQ(query("SELECT DISTINCT typeof(name) FROM images"), Strings{"text"});
}

}  // namespace
}  // namespace bundle_match::exports
