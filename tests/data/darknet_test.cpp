// SPDX-License-Identifier: Apache-2.0
//
// Darknet's layout of YOLO's rows: "YOLO 1.1" of CVAT.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

#include "data/image_file.h"
#include "data/write_labels.h"
#include "tests/data/findings.h"
#include "tests/data/image_formats.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view data_text =
    "classes = 2\ntrain = data/train.txt\nvalid = /home/ann/darknet/data/valid.txt\nnames = data/obj.names\nbackup = "
    "backup/\n";

/// Two parts; the picture of the first image is 40 x 20, the sizes of others are listed.
struct Dataset {
  TemporaryFolder folder;
  Dataset() {
    write("obj.data", data_text);
    write("obj.names", "person\ntraffic light\n");
    write("train.txt", "data/obj_train_data/b10.jpg\ndata/obj_train_data/front/a.png\ndata/obj_train_data/b2.jpg\n");
    write("valid.txt", "/home/ann/darknet/data/obj_valid_data/c.jpg\r\n");
    write("obj_train_data/front/a.txt", "0 0.5 0.5 0.25 0.1\n1  0.125 0.25 0.25 0.5   0.875\n");
    write("obj_train_data/b2.txt", "");
    write("obj_valid_data/c.txt", "1 0.1 0.1 0.2 0.2\n0 0.1 0.1 0.2 0.1 0.2 0.2\n");
    write("image_sizes.csv", "b2.jpg,10,10\nb10,20,10\nc,100,50\n");
    EXPECT_TRUE(
        write_png({40, 20, std::vector<std::uint8_t>(40 * 20 * 4, 255)}, folder.path() / "obj_train_data/front/a.png"));
  }
  void write(const std::string& name, std::string_view content) const { write_content(folder.path() / name, content); }
  std::string problem(const std::string& name, std::string_view what, std::string_view with) const {
    const std::string good = content_of(folder.path() / name);
    std::string text = good;
    replace(text, what, with);
    write(name, text);
    const std::string message = first_problem_at(folder.path());
    write(name, good);
    return message;
  }
};

TEST(Darknet, ListsOfImagesAreScenesWhoseLabelsLieBesideTheImages) {
  const Dataset data;
  const auto handles = find_scenes(data.folder.path());
  ASSERT_TRUE(handles) << handles.error().message;
  ASSERT_EQ(handles->size(), 2U);
  EXPECT_EQ(handles->front().format, Format::darknet);
  const Scene train = scene_at(data.folder.path(), "train"), valid = scene_at(data.folder.path(), "valid");
  ASSERT_EQ(train.images.size(), 3U);
  EXPECT_EQ(train.images[0].width, 10U) << "b2 is before b10, and its size is listed with its suffix";
  EXPECT_EQ(train.images[1].width, 20U);
  EXPECT_EQ(train.images[2].width, 40U) << "from the picture";
  ASSERT_EQ(train.labels.image_tracks.size(), 2U);
  EXPECT_EQ(train.labels.image_tracks[0].class_name, "person");
  EXPECT_EQ(*train.labels.image_tracks[0].keyframes[0].value.box, (ImageBox{15, 9, 25, 11}));
  EXPECT_EQ(train.labels.image_tracks[1].class_name, "traffic light");
  ASSERT_EQ(valid.labels.image_tracks.size(), 1U) << "a path of another machine; an outline is no box";
  EXPECT_NE(valid.notes[0].find("1 outlines"), std::string::npos);
}

TEST(Darknet, TheSampleIsReadAsItsNumbersSay) {
  SWEEPMARK_NEED_DATA(root, "cases/bring/darknet");
  const Scene scene = scene_at(root);
  EXPECT_EQ(scene.format, Format::darknet);
  ASSERT_EQ(scene.images.size(), 1U);
  ASSERT_EQ(scene.labels.image_tracks.size(), 2U);
  // 100 x 80 pixels: 0.5 0.5 0.4 0.3 and 0.2 0.6 0.05 0.2
  const ImageBox expected[] = {{30, 28, 70, 52}, {17.5, 40, 22.5, 56}};
  const char* names[] = {"car", "person"};
  for (std::size_t i = 0; i < 2; ++i) {
    const ImageBox box = *scene.labels.image_tracks[i].keyframes[0].value.box;
    EXPECT_EQ(scene.labels.image_tracks[i].class_name, names[i]);
    for (const double off : {box.left - expected[i].left, box.top - expected[i].top, box.right - expected[i].right,
                             box.bottom - expected[i].bottom})
      EXPECT_NEAR(off, 0, 1e-12) << i;
  }
}

TEST(Darknet, WhatNobodyChangedKeepsItsTextAndAMovedBoxChangesItsOwnRow) {
  const Dataset data;
  const TemporaryFolder out;
  Scene scene = scene_at(data.folder.path(), "train");
  ASSERT_TRUE(write_labels(scene, scene.labels, Format::darknet, out.path() / "same"));
  for (const char* name : {"obj.data", "obj.names", "train.txt", "obj_train_data/front/a.txt", "obj_train_data/b2.txt"})
    EXPECT_EQ(content_of(out.path() / "same" / name), content_of(data.folder.path() / name)) << name;
  EXPECT_FALSE(fs::exists(out.path() / "same/obj_train_data/b10.txt")) << "it had none";
  scene.labels.image_tracks[1].keyframes[0].value.box = ImageBox{10, 10, 30, 15, 0};
  scene.labels.image_tracks[0].class_name = "dog";
  ASSERT_TRUE(write_labels(scene, scene.labels, Format::darknet, out.path() / "moved"));
  EXPECT_EQ(content_of(out.path() / "moved/obj_train_data/front/a.txt"),
            "2 0.5 0.5 0.25 0.1\n1 0.5 0.625 0.5 0.25 0.875\n");
  EXPECT_EQ(content_of(out.path() / "moved/obj.names"), "person\ntraffic light\ndog\n");
  expect_words(content_of(out.path() / "moved/obj.data"), {"classes = 3\n", "train = data/train.txt\n"});
  EXPECT_EQ(scene_at(out.path() / "moved").labels.image_tracks[0].class_name, "dog");
}

TEST(Darknet, RandomLabelsComeBackAndASecondRoundTripChangesNothing) {
  RandomLabels random(82);
  const TemporaryFolder work;
  for (int i = 0; i < 12; ++i) {
    Scene scene = image_scene_of(Format::bdd100k, [](int frame) { return TimestampNs{1'000'000'000} * frame; });
    scene.labels.image_tracks = dense_tracks(random, scene, 5, [&] { return ImageValue{.box = random.box(64, 48)}; });
    LabelSet labels = scene.labels;
    take_out_for(scene, labels, Format::darknet);
    const fs::path first = work.path() / std::to_string(i), second = first.string() + "-again";
    const auto written = write_labels(scene, labels, Format::darknet, first);
    ASSERT_TRUE(written) << written.error().message;
    const Scene again = scene_at(first);
    ASSERT_EQ(again.format, Format::darknet);
    ASSERT_EQ(again.images.size(), 8U) << "those without labels too";
    ASSERT_EQ(again.labels.image_tracks.size(), labels.image_tracks.size());
    for (std::size_t t = 0; t < labels.image_tracks.size(); ++t) {
      const ImageTrack &want = labels.image_tracks[t], &have = again.labels.image_tracks[t];
      EXPECT_EQ(have.class_name, want.class_name);
      EXPECT_EQ(have.keyframes[0].timestamp, want.keyframes[0].timestamp);
      const ImageBox &a = *want.keyframes[0].value.box, &b = *have.keyframes[0].value.box;
      for (const double off : {a.left - b.left, a.top - b.top, a.right - b.right, a.bottom - b.bottom})
        ASSERT_LE(std::abs(off), 1e-12) << "a box in parts of the image cannot hold the last bit of its edges";
    }
    ASSERT_TRUE(write_labels(again, again.labels, Format::darknet, second));
    ASSERT_EQ(files_at(second), files_at(first));
  }
}

TEST(Darknet, WhatIsNotReadIsSaid) {
  const Dataset data;
  data.write("obj_train_data/forgotten.txt", "0 0.5 0.5 0.5 0.5\n");
  fs::remove(data.folder.path() / "valid.txt");
  const Scene scene = scene_at(data.folder.path());
  EXPECT_EQ(scene.name, "train") << "the other list is not there";
  const std::string notes = fmt::format("{}", fmt::join(scene.notes, "\n"));
  expect_words(notes,
               {"1 label files are in no list", "obj.data names /home/ann/darknet/data/valid.txt, which is not"});
}

TEST(Darknet, DamageIsNamedByItsLine) {
  const Dataset data;
  EXPECT_EQ(first_problem_at(data.folder.path()), "");
  expect_words(data.problem("obj_train_data/front/a.txt", "0 0.5 0.5 0.25 0.1", "0 0.5 0.5 0.25"),
               {"a.txt, line 1", "4 words"});
  expect_words(data.problem("obj_train_data/b2.txt", "", "two 0.1 0.1 0.1 0.1"), {"b2.txt, line 1", "\"two\""});
  expect_words(data.problem("obj_train_data/b2.txt", "", "0 0.1 0.1 -0.1 0.1"), {"b2.txt, line 1", "not below 0"});
  expect_words(data.problem("image_sizes.csv", "c,100,50", "c,100"), {"image_sizes.csv, line 3", "\"c,100\""});
  data.write("obj_train_data/b10.txt", "0 0.1 0.1 0.1 0.1\n");
  expect_words(data.problem("image_sizes.csv", "b10,20,10", "d,20,10"), {"b10.txt, line 1", "image_sizes.csv"});
  expect_words(data.problem("obj.data", "data/obj.names", "data/other.names"), {"other.names"});
  data.write("obj.data", "train = data/nowhere.txt\nnames = data/obj.names\n");
  expect_words(first_problem_at(data.folder.path()), {"data/nowhere.txt", "not there", "obj.data"});
  data.write("obj.data", "classes = 2\n");
  expect_words(first_problem_at(data.folder.path()), {"nearest is darknet", "names = obj.names"});
}

}  // namespace
}  // namespace sweepmark::testing_support
