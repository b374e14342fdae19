// COLMAP's database over several runs: interrupted, repeated, grown, damaged, somebody else's.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/exports/colmap_database.hpp"
#include "support/export_samples.hpp"
#include "support/sqlite_rows.hpp"
#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace bundle_match::exports {
namespace {

namespace fs = std::filesystem;
using test::colmap_rows;
using test::read_file;
using test::SampleImage;
using test::SamplePair;
using test::sqlite_rows;
using test::TempDir;
using test::write_file;
using Strings = std::vector<std::string>;
using Paths = std::vector<std::string_view>;

class ColmapResumeTest : public testing::Test {
 protected:
  [[nodiscard]] std::unique_ptr<Exporter> open(const Paths& order = {"a", "b", "c"}) const {
    auto exporter = open_colmap_database(path_, {});
    exporter->set_order(order);
    return exporter;
  }

  [[nodiscard]] std::unique_ptr<Exporter> overwrite() const {
    return open_colmap_database(path_, {.overwrite = true});
  }

  // What opening it says; empty: nothing.
  [[nodiscard]] std::string refusal(bool overwrite = false) const {
    try {
      static_cast<void>(open_colmap_database(path_, {.overwrite = overwrite}));
      return "";
    } catch (const std::runtime_error& error) {
      return error.what();
    }
  }

  void write_finished() const {
    const auto exporter = open();
    exporter->add_image("a", image_.view());
    exporter->add_image("b", image_.view());
    exporter->add_pair(pair_.with("b", "a"));
    exporter->finish();
  }

  TempDir dir_;
  const std::string path_ = dir_ / "database.db";
  const std::string partial_ = path_ + ".partial";
  const SampleImage image_{5};
  const SamplePair pair_{};
};

TEST_F(ColmapResumeTest, GoesOnFromTheLastFlush) {
  {
    const auto exporter = open();
    exporter->add_image("c", image_.view());
    exporter->add_pair(pair_.with("c", "a"));
    exporter->flush();
    exporter->flush();
    exporter->add_image("b", image_.view());
  }
  const auto exporter = open();
  EXPECT_TRUE(exporter->has_image("c"));
  EXPECT_FALSE(exporter->has_image("a"));
  EXPECT_FALSE(exporter->has_image("b"));
  EXPECT_TRUE(exporter->has_pair("c", "a"));
  EXPECT_FALSE(exporter->has_pair("a", "c"));
  EXPECT_FALSE(exporter->has_pair("c", "b"));
  EXPECT_FALSE(exporter->has_pair("c", "unknown"));
  exporter->add_image("a", image_.view());
  exporter->finish();
  EXPECT_EQ(sqlite_rows(path_, "SELECT image_id, name FROM images"), (Strings{"1|a", "3|c"}));
}

TEST_F(ColmapResumeTest, GoesOnAfterASuddenEnd) {
  write_finished();
  fs::copy_file(path_, dir_ / "expected.db");
  fs::remove(path_);
  // More than SQLite keeps in memory: some of it is in the file, but not committed.
  const SampleImage large(40000);
  const auto end_suddenly = [&] {
    const auto exporter = open();
    exporter->add_image("a", image_.view());
    exporter->flush();
    exporter->add_image("b", large.view());
    exporter->add_image("c", large.view());
    ::_exit(7);
  };
  EXPECT_EXIT(end_suddenly(), testing::ExitedWithCode(7), "");
  ASSERT_TRUE(fs::exists(partial_ + "-journal"));
  const auto exporter = open();
  EXPECT_TRUE(exporter->has_image("a"));
  EXPECT_FALSE(exporter->has_image("b"));
  exporter->add_image("b", image_.view());
  exporter->add_pair(pair_.with("b", "a"));
  exporter->finish();
  EXPECT_EQ(colmap_rows(path_), colmap_rows(dir_ / "expected.db"));
}

TEST_F(ColmapResumeTest, GoesOnWhenAllButTheNameIsThere) {
  write_finished();
  const Strings rows = colmap_rows(path_);
  fs::rename(path_, partial_);
  const auto exporter = open();
  EXPECT_TRUE(exporter->has_image("a"));
  EXPECT_TRUE(exporter->has_pair("a", "b"));
  EXPECT_TRUE(exporter->has_pair("b", "a"));
  exporter->finish();
  EXPECT_EQ(colmap_rows(path_), rows);
}

TEST_F(ColmapResumeTest, LeavesAFinishedOneAlone) {
  write_finished();
  const std::string bytes = read_file(path_);
  const auto exporter = open();
  EXPECT_TRUE(exporter->has_image("a"));
  EXPECT_TRUE(exporter->has_pair("a", "b"));
  EXPECT_TRUE(exporter->has_pair("b", "a"));
  EXPECT_FALSE(exporter->has_image("c"));
  EXPECT_FALSE(exporter->has_pair("a", "c"));
  exporter->flush();
  exporter->finish();
  EXPECT_EQ(read_file(path_), bytes);
  EXPECT_FALSE(fs::exists(partial_));
}

TEST_F(ColmapResumeTest, AddsToAFinishedOneInACopy) {
  write_finished();
  const std::string bytes = read_file(path_);
  const auto exporter = open({"new", "b", "c", "a", "last"});
  exporter->add_image("last", image_.view());
  exporter->add_image("new", image_.view());
  exporter->add_image("c", image_.view());
  exporter->flush();
  EXPECT_EQ(read_file(path_), bytes);
  exporter->finish();
  // 1 and 2 keep their numbers; those that are new have theirs, or what follows the highest.
  EXPECT_EQ(sqlite_rows(path_, "SELECT image_id, name FROM images ORDER BY 1"),
            (Strings{"1|a", "2|b", "3|new", "4|c", "5|last"}));
  EXPECT_EQ(sqlite_rows(path_, "SELECT pair_id, rows FROM matches"), Strings{"2147483649|3"});
  EXPECT_EQ(sqlite_rows(path_, "PRAGMA user_version; PRAGMA application_id"),
            (Strings{"3800", "1112359752"}));
}

// COLMAP leaves a write-ahead log's mark in every database that it opens.
TEST_F(ColmapResumeTest, AddsToAFinishedOneThatColmapHasUsed) {
  write_finished();
  EXPECT_EQ(sqlite_rows(path_, "PRAGMA journal_mode = WAL"), Strings{"wal"});
  const auto exporter = open();
  EXPECT_TRUE(exporter->has_image("b"));
  exporter->add_image("c", image_.view());
  exporter->finish();
  EXPECT_TRUE(exporter->has_image("c"));
  EXPECT_EQ(sqlite_rows(path_, "PRAGMA journal_mode"), Strings{"delete"});
  EXPECT_EQ(sqlite_rows(path_, "SELECT image_id FROM images"), (Strings{"1", "2", "3"}));
}

TEST_F(ColmapResumeTest, RefusesSomebodysDatabase) {
  write_file(path_, "");
  sqlite_rows(path_, "CREATE TABLE x(y); INSERT INTO x VALUES(1)");
  EXPECT_NE(refusal().find(path_ + " exists and was not written"), std::string::npos) << refusal();
  EXPECT_FALSE(fs::exists(partial_));
  const auto exporter = overwrite();
  EXPECT_EQ(sqlite_rows(path_, "SELECT y FROM x"), Strings{"1"});
  write_file(path_ + "-wal", "of the old one");
  exporter->finish();
  EXPECT_EQ(sqlite_rows(path_, "SELECT count(*) FROM images"), Strings{"0"});
  EXPECT_FALSE(fs::exists(path_ + "-wal"));
}

TEST_F(ColmapResumeTest, RefusesWhatIsNoDatabase) {
  write_file(path_, std::string(5000, 'x'));
  EXPECT_NE(refusal().find(path_ + " is damaged, or no database"), std::string::npos) << refusal();
  write_file(path_, "");
  EXPECT_NE(refusal(), "");
  EXPECT_EQ(refusal(true), "");
}

TEST_F(ColmapResumeTest, RefusesSomebodysPartialDatabase) {
  write_file(partial_, "");
  sqlite_rows(partial_, "CREATE TABLE x(y)");
  EXPECT_NE(refusal().find(partial_ + " is not a database"), std::string::npos) << refusal();
  EXPECT_EQ(refusal(true), "");
}

TEST_F(ColmapResumeTest, RefusesADamagedPartialDatabase) {
  write_file(partial_, std::string(5000, 'x'));
  EXPECT_NE(refusal().find(partial_ + " is damaged"), std::string::npos) << refusal();
  overwrite().reset();
  std::string bytes = read_file(partial_);
  // All but the first page, which holds the marks and the schema.
  std::fill(bytes.begin() + 4096, bytes.end(), '\x55');
  write_file(partial_, bytes);
  EXPECT_NE(refusal().find(partial_ + " is damaged"), std::string::npos) << refusal();
}

TEST_F(ColmapResumeTest, TakesAnEmptyPartialFileForANewOne) {
  write_file(partial_, "");
  EXPECT_EQ(refusal(), "");
}

TEST_F(ColmapResumeTest, RefusesTwoWriters) {
  const auto first = open();
  EXPECT_NE(refusal().find("in use by another run"), std::string::npos) << refusal();
  EXPECT_NE(refusal(true).find("written by another run"), std::string::npos) << refusal(true);
  first->add_image("a", image_.view());
  first->finish();
  EXPECT_EQ(colmap_rows(path_).empty(), false);
}

TEST_F(ColmapResumeTest, NamesTheFileThatCannotBeWritten) {
  try {
    static_cast<void>(open_colmap_database(dir_ / "nowhere/database.db", {}));
    FAIL() << "it could be written";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code().value(), ENOENT);
    EXPECT_NE(std::string(error.what()).find("nowhere/database.db.partial"), std::string::npos);
  }
}

}  // namespace
}  // namespace bundle_match::exports
