// Files, folders, globs and lists in temporary folders.
// SPDX-License-Identifier: Apache-2.0
#include "command/input_expansion.hpp"

#include "support/temp_dir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace bundle_match::app {
namespace {

namespace fs = std::filesystem;
using test::TempDir;
using test::write_file;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using Paths = std::vector<std::string>;
using namespace std::string_view_literals;

InputRequest inputs_of(Paths inputs, Paths lists = {}) {
  InputRequest request;
  request.inputs = std::move(inputs);
  request.lists = std::move(lists);
  return request;
}

InputRequest recursive(std::string folder) {
  InputRequest request = inputs_of({std::move(folder)});
  request.recursive = true;
  return request;
}

class InputExpansionTest : public testing::Test {
 protected:
  // Makes empty files, with the folders they are in.
  void make(const Paths& names) const {
    for (const std::string& name : names) {
      fs::create_directories((dir_.path() / name).parent_path());
      write_file(dir_ / name, "");
    }
  }

  // The expansion, with the temporary folder's name taken off.
  [[nodiscard]] Paths expanded(const InputRequest& request) const {
    Paths paths;
    const PathList list = expand_input(request);
    const std::string prefix = dir_.path().string() + "/";
    for (std::size_t i = 0; i < list.size(); ++i) {
      std::string path(list[i]);
      paths.push_back(path.starts_with(prefix) ? path.substr(prefix.size()) : path);
    }
    return paths;
  }
  [[nodiscard]] Paths expanded_inputs(const Paths& inputs) const {
    return expanded(inputs_of(inputs));
  }
  // What one input, relative to the temporary folder, expands to.
  [[nodiscard]] Paths expansion(const std::string& name) const {
    return expanded_inputs({dir_ / name});
  }
  [[nodiscard]] Paths listed(std::string_view text, bool null_separated = false) const {
    write_file(dir_ / "list", text);
    InputRequest request = inputs_of({}, {dir_ / "list"});
    request.null_separated = null_separated;
    return expanded(request);
  }

  static std::string error_of(const InputRequest& request) {
    try {
      (void)expand_input(request);
    } catch (const InputError& error) {
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << "one line";
      return error.what();
    }
    ADD_FAILURE() << "no InputError";
    return {};
  }

  TempDir dir_;
};

TEST_F(InputExpansionTest, KeepsFilesAsGivenAndInOrder) {
  make({"b.png", "a.png", "no-extension"});
  EXPECT_THAT(expanded_inputs({dir_ / "b.png", dir_ / "no-extension", dir_ / "a.png"}),
              ElementsAre("b.png", "no-extension", "a.png"));
  EXPECT_THAT(expanded_inputs({dir_ / "a.png", dir_ / "a.png"}), ElementsAre("a.png", "a.png"));
}

TEST_F(InputExpansionTest, TakesOddNames) {
  const Paths names = {"with space.png", "new\nline.png", "\xff\xfe.png", "-r.png", "'\".png"};
  make(names);
  for (const std::string& name : names) {
    EXPECT_THAT(expansion(name), ElementsAre(name));
  }
}

TEST_F(InputExpansionTest, ListsAFolderSortedBytewise) {
  make({"d/b.png", "d/a.png", "d/B.png", "d/a10.png", "d/a2.png", "d/\xc3\xa4.png", "d/a-.png"});
  EXPECT_THAT(expansion("d"), ElementsAre("d/B.png", "d/a-.png", "d/a.png", "d/a10.png", "d/a2.png",
                                          "d/b.png", "d/\xc3\xa4.png"));
  EXPECT_THAT(expansion("d/"), testing::SizeIs(7));
}

TEST_F(InputExpansionTest, TakesImagesOfAFolderAlone) {
  make({"d/a.PNG", "d/b.JpEg", "d/c.jpg", "d/d.tif", "d/e.TIFF", "d/f.bmp", "d/g.webp", "d/h.pgm",
        "d/i.jp2", "d/notes.txt", "d/png", "d/.png", "d/x.png.gz", "d/y.png~", "d/z.",
        "d/sub/deep.png", "d/folder.png/inside.txt"});
  EXPECT_THAT(expansion("d"), ElementsAre("d/a.PNG", "d/b.JpEg", "d/c.jpg", "d/d.tif", "d/e.TIFF",
                                          "d/f.bmp", "d/g.webp", "d/h.pgm", "d/i.jp2"));
}

TEST_F(InputExpansionTest, FollowsLinksToFilesInAFolder) {
  make({"elsewhere.png", "d/a.png"});
  fs::create_symlink("../elsewhere.png", dir_ / "d/link.png");
  fs::create_symlink("nothing", dir_ / "d/dangling.png");
  EXPECT_THAT(expansion("d"), ElementsAre("d/a.png", "d/dangling.png", "d/link.png"))
      << "a dangling link is for the report to name";
}

TEST_F(InputExpansionTest, DescendsWithRecursive) {
  make({"d/z.png", "d/a/1.png", "d/a/b/c/2.JPG", "d/a/notes.txt", "d/a.png", "d/m.png/3.png"});
  EXPECT_THAT(expanded(recursive(dir_ / "d")),
              ElementsAre("d/a.png", "d/a/1.png", "d/a/b/c/2.JPG", "d/m.png/3.png", "d/z.png"));
}

TEST_F(InputExpansionTest, DoesNotRunInCirclesWithRecursive) {
  make({"d/a.png"});
  fs::create_directory_symlink(".", dir_ / "d/loop");
  EXPECT_THAT(expanded(recursive(dir_ / "d")), ElementsAre("d/a.png"));
}

TEST_F(InputExpansionTest, ExpandsGlobsSortedBytewise) {
  make({"b.png", "a.png", "B.png", "c.jpg", "sub/d.png", ".hidden.png"});
  EXPECT_THAT(expansion("*.png"), ElementsAre("B.png", "a.png", "b.png"));
  EXPECT_THAT(expansion("?.jpg"), ElementsAre("c.jpg"));
  EXPECT_THAT(expansion("[ab].png"), ElementsAre("a.png", "b.png"));
  EXPECT_THAT(expansion("*/*.png"), ElementsAre("sub/d.png"));
  EXPECT_THAT(expansion("{c,a}.{png,jpg}"), ElementsAre("a.png", "c.jpg"));
}

TEST_F(InputExpansionTest, TakesNamesWithGlobCharactersLiterallyWhenTheyExist) {
  make({"*.png", "a.png", "[ab].png", "{x}.png", "what?.png", "dir[1]/in.png"});
  EXPECT_THAT(expansion("*.png"), ElementsAre("*.png"));
  EXPECT_THAT(expansion("[ab].png"), ElementsAre("[ab].png"));
  EXPECT_THAT(expansion("{x}.png"), ElementsAre("{x}.png"));
  EXPECT_THAT(expansion("what?.png"), ElementsAre("what?.png"));
  EXPECT_THAT(expansion("dir[1]"), ElementsAre("dir[1]/in.png"));
}

TEST_F(InputExpansionTest, ReadsLists) {
  EXPECT_THAT(listed("b.png\na.png\nb.png\n"), ElementsAre("b.png", "a.png", "b.png"));
  EXPECT_THAT(listed("a.png\nno final newline"), ElementsAre("a.png", "no final newline"));
  EXPECT_THAT(listed("\n\na.png\n\n\nb.png\n\n"), ElementsAre("a.png", "b.png"));
  EXPECT_THAT(listed(" a b \n#x\n*.png\n-r\n\xff\n"),
              ElementsAre(" a b ", "#x", "*.png", "-r", "\xff"))
      << "a path in a list is taken as it is";
  EXPECT_THAT(listed("nul\0byte\n"sv), ElementsAre("nul\0byte"sv));
}

TEST_F(InputExpansionTest, ReadsNulSeparatedLists) {
  EXPECT_THAT(listed("a\nb.png\0\0c.png\0"sv, true), ElementsAre("a\nb.png", "c.png"));
  EXPECT_THAT(listed("a\0last"sv, true), ElementsAre("a", "last"));
}

TEST_F(InputExpansionTest, ReadsListsFromStandardInput) {
  write_file(dir_ / "list", "x.png\ny.png\n");
  const int before = ::dup(STDIN_FILENO);
  const int list = ::open((dir_ / "list").c_str(), O_RDONLY);
  ASSERT_GE(::dup2(list, STDIN_FILENO), 0);
  const Paths paths = expanded(inputs_of({}, {"-"}));
  ::dup2(before, STDIN_FILENO);
  ::close(before);
  ::close(list);
  EXPECT_THAT(paths, ElementsAre("x.png", "y.png"));
}

TEST_F(InputExpansionTest, ReadsLinesAcrossTheBlocksOfALongList) {
  std::string text;
  for (int i = 0; i < 300000; ++i) {
    text += "folder/" + std::to_string(i) + (i % 1000 == 0 ? "\n\n" : "\n");
  }
  text += "last" + std::string(3000000, 'x');
  write_file(dir_ / "list", text);
  const Paths paths = expanded(inputs_of({}, {dir_ / "list"}));
  ASSERT_EQ(paths.size(), 300001U);
  for (std::size_t i = 0; i < 300000; ++i) {
    ASSERT_EQ(paths[i], "folder/" + std::to_string(i));
  }
  EXPECT_EQ(paths.back().size(), 3000004U);
}

TEST_F(InputExpansionTest, PutsInputsBeforeLists) {
  make({"d/a.png", "f.png"});
  write_file(dir_ / "l1", "one\n");
  write_file(dir_ / "l2", "two\n");
  EXPECT_THAT(expanded(inputs_of({dir_ / "f.png", dir_ / "d"}, {dir_ / "l2", dir_ / "l1"})),
              ElementsAre("f.png", "d/a.png", "two", "one"));
}

TEST_F(InputExpansionTest, NamesWhatIsWrongWithAnInput) {
  make({"empty/readme.txt", "deep/sub/a.png", "file.png"});
  EXPECT_THAT(error_of(inputs_of({dir_ / "missing.png"})),
              AllOf(HasSubstr(dir_ / "missing.png"), HasSubstr("No such file")));
  EXPECT_THAT(error_of(inputs_of({dir_ / "file.png/below"})), HasSubstr("Not a directory"));
  EXPECT_THAT(error_of(inputs_of({dir_ / "*.bmp"})),
              AllOf(HasSubstr("*.bmp"), HasSubstr("no file matches")));
  EXPECT_THAT(error_of(inputs_of({dir_ / "empty"})),
              AllOf(HasSubstr(dir_ / "empty"), HasSubstr("no image")));
  EXPECT_THAT(error_of(inputs_of({dir_ / "deep"})), HasSubstr("--recursive"));
  EXPECT_THAT(error_of(recursive(dir_ / "empty")), testing::Not(HasSubstr("--recursive")));
}

TEST_F(InputExpansionTest, NamesWhatIsWrongWithAList) {
  write_file(dir_ / "empty", "");
  write_file(dir_ / "blank", "\n\n\n");
  EXPECT_THAT(error_of(inputs_of({}, {dir_ / "none"})),
              AllOf(HasSubstr("--list"), HasSubstr(dir_ / "none"), HasSubstr("No such file")));
  EXPECT_THAT(error_of(inputs_of({}, {dir_.path().string()})),
              AllOf(HasSubstr("--list"), HasSubstr("directory")));
  EXPECT_THAT(error_of(inputs_of({}, {dir_ / "empty"})), HasSubstr("no path"));
  EXPECT_THAT(error_of(inputs_of({}, {dir_ / "blank"})), HasSubstr("no path"));
}

TEST_F(InputExpansionTest, FailsForOneBadPartAmongGoodOnes) {
  make({"a.png"});
  EXPECT_THAT(error_of(inputs_of({dir_ / "a.png", dir_ / "b.png"})), HasSubstr("b.png"));
  EXPECT_THAT(error_of(inputs_of({dir_ / "a.png"}, {dir_ / "none"})), HasSubstr("none"));
}

TEST_F(InputExpansionTest, SaysInOneLineWhatIsWrongWithAnOddName) {
  EXPECT_THAT(error_of(inputs_of({dir_ / "new\nline.png"})), HasSubstr("line.png"));
  EXPECT_THAT(error_of(inputs_of({}, {dir_ / "new\nline.txt"})), HasSubstr("line.txt"));
}

TEST_F(InputExpansionTest, ThrowsWithoutAnyInput) {
  EXPECT_THROW((void)expand_input({}), InputError);
}

}  // namespace
}  // namespace bundle_match::app
