// SPDX-License-Identifier: Apache-2.0
//
// Where no dataset is recognised, the message says what is there, what is nearest, and what that would need.
#include "data/id_image.h"
#include "tests/data/files.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;

TEST(Unrecognised, AFolderIsDescribedByWhatItHolds) {
  const TemporaryFolder folder;
  for (const char* name : {"a.jpg", "b.JPG", "c.jpg", "notes.txt"})
    write_content(folder.path() / "pictures" / name, "x");
  expect_words(problem_at(folder.path() / "pictures"),
               {"a folder of 3 .jpg files, 1 .txt file", "images without labels", "COCO", "--format images"});
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
  expect_words(problem_at(folder.path() / "c.mp4"), {"expected a video", "something else"});
  write_content(folder.path() / "d.xml", "<?xml version=\"1.0\"?>\n<!-- c -->\n<annotation><folder/></annotation>");
  expect_words(problem_at(folder.path() / "d.xml"), {"an XML file of <annotation>"});
  write_content(folder.path() / "e.json", "");
  expect_words(problem_at(folder.path() / "e.json"), {"an empty file"});
  write_content(folder.path() / "f.txt", "hello 1 2\n");
  expect_words(problem_at(folder.path() / "f.txt"), {"begins with \"hello 1 2\""});
  write_content(folder.path() / "g.qqq", "12345");
  expect_words(problem_at(folder.path() / "g.qqq"), {"a file of 5 bytes named *.qqq"});
}

constexpr std::string_view good_mot = "1,1,10,20,30,40,1,1,1\n2,1,11,20,30,40,1,1,1\n";

TEST(NearlyRecognised, MotFromFrame0GetsMotsOwnErrorFromEveryPlace) {
  const TemporaryFolder folder;
  const fs::path gt = folder.path() / "all/SEQ-01/gt/gt.txt";
  write_content(gt, "0,1,10,20,30,40,1,1,1\n1,1,10,20,30,40,1,1,1\n");
  for (const fs::path& path : {gt, folder.path() / "all/SEQ-01", folder.path() / "all", folder.path()})
    expect_words(problem_at(path), {"expected a frame from 1", "got 0", "gt.txt, line 1"});
}

TEST(NearlyRecognised, ABadSequenceBesideAGoodOneIsNotPassedOver) {
  const TemporaryFolder folder;
  write_content(folder.path() / "SEQ-01/gt/gt.txt", good_mot);
  write_content(folder.path() / "SEQ-02/gt/gt.txt", "1,1,x,20,30,40,1,1,1\n2,1,11,20,30,40,1,1,1\n");
  write_content(folder.path() / "SEQ-03/gt/gt.txt", "");
  write_content(folder.path() / "SEQ-03/seqinfo.ini", "[Sequence]\nseqLength=2\n");
  const auto handles = find_scenes(folder.path());
  ASSERT_TRUE(handles) << handles.error().message;
  ASSERT_EQ(handles->size(), 3U);
  EXPECT_TRUE(open_scene((*handles)[0]));
  const auto bad = open_scene((*handles)[1]);
  ASSERT_FALSE(bad);
  expect_words(bad.error().message, {"\"x\"", "SEQ-02", "line 1"});
  EXPECT_EQ(open_scene((*handles)[2])->frames.size(), 2U) << "a sequence that nobody labelled";
}

TEST(NearlyRecognised, MotRowsAreOpenedByTheirFileToo) {
  const TemporaryFolder folder;
  write_content(folder.path() / "SEQ-01/gt/gt.txt", good_mot);
  write_content(folder.path() / "SEQ-01/seqinfo.ini", "[Sequence]\nframeRate=10\nseqLength=4\n");
  write_content(folder.path() / "SEQ-01/det/det.txt", "1,-1,10,20,30,40,0.5\n");
  write_content(folder.path() / "results/SEQ-02.txt", "1,7,10,20,30,40,1,-1,-1,-1\n");
  const Scene gt = scene_at(folder.path() / "SEQ-01/gt/gt.txt", "SEQ-01");
  EXPECT_EQ(gt.frames.size(), 4U) << "seqinfo.ini is read";
  EXPECT_EQ(gt.frames[1].timestamp, 100'000'000);
  EXPECT_EQ(scene_at(folder.path() / "SEQ-01/det/det.txt", "SEQ-01").labels.image_tracks[0].id, "detection 1");
  EXPECT_EQ(scene_at(folder.path() / "results/SEQ-02.txt", "SEQ-02").labels.image_tracks[0].id, "7");
  write_content(folder.path() / "points.txt", "0.5,1.25,3.5,4,5,6,7,8\n");
  expect_words(problem_at(folder.path() / "points.txt"), {"no dataset recognised"});
}

TEST(NearlyRecognised, BadMotsBesideGoodIsNotPassedOver) {
  const TemporaryFolder folder;
  write_content(folder.path() / "text/0001.txt", "0 1001 1 2 3 024\n");
  write_content(folder.path() / "text/0002.txt", "0 1001 1 2 3 WSV:2d\n");
  write_content(folder.path() / "text/0003.txt", "zero 1001 1 2 3 024\n1 1001 1 2 3 024\n");
  write_content(folder.path() / "text/times.txt", "0 1 2 3 4 5\n");
  auto handles = find_scenes(folder.path() / "text");
  ASSERT_TRUE(handles) << handles.error().message;
  ASSERT_EQ(handles->size(), 3U);
  EXPECT_TRUE(open_scene((*handles)[0]));
  expect_words(problem_at(folder.path() / "text/0002.txt"), {"0002.txt, line 1"});
  expect_words(problem_at(folder.path() / "text/0003.txt"), {"\"zero\"", "0003.txt, line 1"});
  const auto write = [&](const char* name, std::uint32_t id) {
    write_content(folder.path() / name, id_image_content({2, 1, IdDepth::gray16, {id, 0}}));
  };
  write("pictures/a/000000.png", 1001);
  write("pictures/b/000000.png", 7);
  write("depths/a/000000.png", 7);
  handles = find_scenes(folder.path() / "pictures");
  ASSERT_TRUE(handles) << handles.error().message;
  ASSERT_EQ(handles->size(), 2U);
  const auto bad = open_scene((*handles)[1]);
  ASSERT_FALSE(bad);
  expect_words(bad.error().message, {"class * 1000 + instance", "got 7", "b/000000.png"});
  expect_words(problem_at(folder.path() / "depths"), {"no dataset recognised"});
}

}  // namespace
}  // namespace sweepmark::testing_support
