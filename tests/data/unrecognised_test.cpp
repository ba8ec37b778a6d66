// SPDX-License-Identifier: Apache-2.0
//
// Where no dataset is recognised, the message says what is there, what is nearest, and what that would need.
#include "tests/data/files.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;

TEST(Unrecognised, AFolderIsDescribedByWhatItHolds) {
  const TemporaryFolder folder;
  for (const char* name : {"a.jpg", "b.JPG", "c.jpg", "notes.md"})
    write_content(folder.path() / "pictures" / name, "x");
  expect_words(problem_at(folder.path() / "pictures"),
               {"a folder of 3 .jpg files, 1 .md file", "images without labels", "COCO", "pictures"});
  fs::create_directories(folder.path() / "empty");
  expect_words(problem_at(folder.path() / "empty"), {"an empty folder"});
  write_content(folder.path() / "clouds/a.las", "x");
  expect_words(problem_at(folder.path() / "clouds"), {"1 .las file;", ".pcd, .ply, .bin"});
}

TEST(Unrecognised, TheNearestFormatIsNamedWithWhatItNeeds) {
  const TemporaryFolder folder;
  write_content(folder.path() / "k/image_02/a.txt", "x");
  write_content(folder.path() / "k/calib/0000.txt", "x");
  expect_words(problem_at(folder.path() / "k"),
               {"the folders calib, image_02", "nearest is kitti_tracking: expected", "label_02"});
  write_content(folder.path() / "n/sample.json", "[]");
  write_content(folder.path() / "n/sample_data.json", "[]");
  expect_words(problem_at(folder.path() / "n"), {"2 .json files", "nearest is nuscenes: expected", "scene.json"});
}

TEST(Unrecognised, AFileIsDescribedByItsKindAndItsKeys) {
  const TemporaryFolder folder;
  write_content(folder.path() / "a.json", R"({"images": [], "annotations": [], "x": 1})");
  expect_words(problem_at(folder.path() / "a.json"),
               {"a JSON file with the keys images, annotations, x", "nearest is coco", "categories"});
  write_content(folder.path() / "b.json", "[1]");
  expect_words(problem_at(folder.path() / "b.json"), {"a JSON file that is a list"});
  write_content(folder.path() / "c.mp4", "x");
  expect_words(problem_at(folder.path() / "c.mp4"), {"a video"});
  write_content(folder.path() / "d.xml", "<?xml version=\"1.0\"?>\n<!-- c -->\n<annotation><folder/></annotation>");
  expect_words(problem_at(folder.path() / "d.xml"), {"an XML file of <annotation>"});
  write_content(folder.path() / "e.json", "");
  expect_words(problem_at(folder.path() / "e.json"), {"an empty file"});
  write_content(folder.path() / "f.txt", "hello 1 2\n");
  expect_words(problem_at(folder.path() / "f.txt"), {"begins with \"hello 1 2\""});
  write_content(folder.path() / "g.qqq", "12345");
  expect_words(problem_at(folder.path() / "g.qqq"), {"a file of 5 bytes named *.qqq"});
}

}  // namespace
}  // namespace sweepmark::testing_support
