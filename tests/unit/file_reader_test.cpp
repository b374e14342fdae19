// Files that are read for orders: in pieces that are short enough to be sent between other things.
// SPDX-License-Identifier: Apache-2.0
#include "rank0/file_reader.hpp"

#include "support/processes.hpp"
#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

namespace bundle_match::app {
namespace {

using File = FilePiece::File;

// Bytes that differ from those a piece before and after.
std::string bytes_of_size(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<char>(i >> 11);
  }
  return bytes;
}

class FileReaderTest : public testing::Test {
 protected:
  void submit(FileReader& reader, std::uint64_t number, const std::string& name) const {
    Order order;
    order.id = OrderId(number);
    order.path = dir_ / name;
    reader.submit(Rank(1), std::move(order));
  }

  void write(const std::string& name, const std::string& bytes) const {
    test::write_file(dir_ / name, bytes);
  }

  static ReadOrder next(FileReader& reader) {
    std::optional<ReadOrder> taken;
    EXPECT_TRUE(test::eventually([&] {
      taken = taken ? std::move(taken) : reader.try_take();
      return taken.has_value();
    }));
    return std::move(taken).value_or(ReadOrder{});
  }

  // The bytes of all pieces of the file, each of which is checked.
  static std::string joined(const ReadOrder& read, File file) {
    std::string bytes;
    for (const FilePiece& piece : read.pieces) {
      EXPECT_EQ(piece.order, read.order.id);
      EXPECT_LE(piece.bytes.size(), kFilePieceBytes);
      bytes += piece.file == file ? piece.bytes : "";
    }
    return bytes;
  }

  test::TempDir dir_;
};

TEST_F(FileReaderTest, CutsFilesIntoPieces) {
  FileReader reader(std::uint64_t{1} << 20);
  for (const std::size_t size :
       {std::size_t{5}, kFilePieceBytes, 3 * kFilePieceBytes, 3 * kFilePieceBytes + 5}) {
    const std::string bytes = bytes_of_size(size);
    write("image.png", bytes);
    submit(reader, size, "image.png");
    const ReadOrder read = next(reader);
    EXPECT_FALSE(read.failure);
    EXPECT_EQ(read.order.id, OrderId(size));
    EXPECT_EQ(read.order.carried, CarriedFiles{false});
    EXPECT_EQ(read.bytes, size);
    EXPECT_EQ(read.pieces.size(), (size + kFilePieceBytes - 1) / kFilePieceBytes);
    EXPECT_TRUE(joined(read, File::image) == bytes);
    reader.tell_unsent(0);
  }
  EXPECT_EQ(reader.outstanding(), 0U);
}

TEST_F(FileReaderTest, ReadsTheMaskBehindItsImage) {
  std::filesystem::create_directory(dir_ / "masks");
  const std::string mask = bytes_of_size(2 * kFilePieceBytes + 1);
  write("image.jpg", "image");
  write("masks/image.jpg.png", mask);
  FileReader reader(1, dir_ / "masks");
  submit(reader, 1, "image.jpg");
  const ReadOrder read = next(reader);
  EXPECT_EQ(read.order.carried, CarriedFiles{true});
  EXPECT_EQ(joined(read, File::image), "image");
  EXPECT_TRUE(joined(read, File::mask) == mask);
  EXPECT_EQ(read.bytes, mask.size() + 5);
}

TEST_F(FileReaderTest, MakesOnePieceOfAnEmptyFile) {
  std::filesystem::create_directory(dir_ / "masks");
  write("image.jpg", "image");
  write("masks/image.jpg.png", "");
  FileReader reader(1, dir_ / "masks");
  submit(reader, 1, "image.jpg");
  const ReadOrder read = next(reader);
  ASSERT_EQ(read.pieces.size(), 2U);
  EXPECT_EQ(read.pieces[1], (FilePiece{OrderId(1), File::mask, ""}));
}

TEST_F(FileReaderTest, SaysWhatCannotBeRead) {
  FileReader reader(1);
  submit(reader, 1, "missing.png");
  const ReadOrder read = next(reader);
  ASSERT_TRUE(read.failure);
  EXPECT_EQ(read.failure->order, OrderId(1));
  EXPECT_EQ(read.failure->status, ImageStatus::unreadable);
  EXPECT_TRUE(read.pieces.empty());
  EXPECT_FALSE(read.order.carried);
}

TEST_F(FileReaderTest, RefusesWhatIsTooLong) {
  write("long.png", "");
  std::filesystem::resize_file(dir_ / "long.png", kLongestSentFile + 1);  // takes no disk
  FileReader reader(1);
  submit(reader, 1, "long.png");
  const ReadOrder read = next(reader);
  ASSERT_TRUE(read.failure);
  EXPECT_EQ(read.failure->status, ImageStatus::failed);
  EXPECT_EQ(read.bytes, 0U);
}

// While the first one is held, by the reader or by who has taken it, the second is not read.
TEST_F(FileReaderTest, ReadsNoMoreThanThereIsRoomFor) {
  write("image.png", bytes_of_size(100));
  FileReader reader(150);
  submit(reader, 1, "image.png");
  submit(reader, 2, "image.png");
  const ReadOrder first = next(reader);
  reader.tell_unsent(first.bytes);
  EXPECT_FALSE(reader.try_take());
  reader.tell_unsent(50);
  EXPECT_NE(next(reader).order.id, first.order.id);
}

// The threads that wait for room are told when a file turns out to be shorter than was thought.
TEST_F(FileReaderTest, GivesBackTheRoomOfAFileThatIsNotSent) {
  write("long.png", "");
  std::filesystem::resize_file(dir_ / "long.png", kLongestSentFile + 1);
  write("short.png", "12345");
  FileReader reader(std::uint64_t{1} << 20);
  for (std::uint64_t round = 0; round < 500; ++round) {
    submit(reader, 2 * round, "long.png");
    submit(reader, 2 * round + 1, "short.png");
    const bool failed = next(reader).failure.has_value();
    reader.tell_unsent(0);  // the long one waits if the short one was first
    ASSERT_NE(failed, next(reader).failure.has_value()) << "round " << round;
    reader.tell_unsent(0);
  }
}

}  // namespace
}  // namespace bundle_match::app
