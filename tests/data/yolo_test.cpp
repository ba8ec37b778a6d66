// SPDX-License-Identifier: Apache-2.0
#include "data/formats/yolo.h"

#include <cmath>

#include "data/image_file.h"
#include "data/write_labels.h"
#include "tests/data/findings.h"
#include "tests/data/image_formats.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view yaml_text =
    "# ours\npath: .\ntrain: images/train\nval: images/val\nkpt_shape: [17, 3]\nnames:\n  0: person\n  2: traffic "
    "light\n";

/// A dataset of two parts whose first image is 40 x 20 pixels; the second is not there, but its size is.
struct Dataset {
  TemporaryFolder folder;
  Dataset() {
    write("data.yaml", yaml_text);
    write("labels/train/a.txt", "0 0.5 0.5 0.25 0.1\n2  0.125 0.25 0.25 0.5   0.875\n");
    write("labels/train/b.txt", "");
    write("labels/val/c.txt", "0 0.1 0.1 0.2 0.2\n0 0.1 0.1 0.2 0.1 0.2 0.2\n");
    write("image_sizes.csv", "name,width,height\nb,10,10\nc,100,50\n");
    fs::create_directories(folder.path() / "images/train");
    EXPECT_TRUE(write_png({40, 20, std::vector<std::uint8_t>(40 * 20 * 4, 255)}, folder.path() / "images/train/a.png"));
  }
  void write(const std::string& name, std::string_view content) const {
    fs::create_directories((folder.path() / name).parent_path());
    write_content(folder.path() / name, content);
  }
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

TEST(Yolo, BoxesArePartsOfTheirImage) {
  const Dataset data;
  const auto handles = find_scenes(data.folder.path());
  ASSERT_TRUE(handles) << handles.error().message;
  ASSERT_EQ(handles->size(), 2U);
  EXPECT_EQ(handles->front().format, Format::yolo);
  const Scene train = scene_at(data.folder.path(), "train"), val = scene_at(data.folder.path(), "val");
  ASSERT_EQ(train.images.size(), 2U);
  EXPECT_EQ(train.images[0].width, 40U) << "from the picture";
  EXPECT_EQ(train.images[1].width, 10U) << "from the list of sizes";
  ASSERT_EQ(train.labels.image_tracks.size(), 2U);
  EXPECT_EQ(train.labels.image_tracks[0].class_name, "person");
  EXPECT_EQ(*train.labels.image_tracks[0].keyframes[0].value.box, (ImageBox{15, 9, 25, 11}));
  EXPECT_EQ(train.labels.image_tracks[1].class_name, "traffic light");
  EXPECT_EQ(*train.labels.image_tracks[1].keyframes[0].value.box, (ImageBox{0, 0, 10, 10}));
  ASSERT_EQ(val.labels.image_tracks.size(), 1U) << "an outline is no box";
  EXPECT_NE(val.notes[0].find("1 outlines"), std::string::npos);
}

TEST(Yolo, WhatNobodyChangedKeepsItsText) {
  const Dataset data;
  const TemporaryFolder out;
  for (const char* part : {"train", "val"}) {
    const Scene scene = scene_at(data.folder.path(), part);
    const auto written = write_labels(scene, scene.labels, Format::yolo, out.path() / part);
    ASSERT_TRUE(written) << written.error().message;
  }
  EXPECT_EQ(content_of(out.path() / "train/data.yaml"), yaml_text);
  for (const char* name : {"train/labels/train/a.txt", "train/labels/train/b.txt", "val/labels/val/c.txt"}) {
    const fs::path original =
        data.folder.path() / fs::path(name).relative_path().string().substr(std::string_view(name).find('/') + 1);
    EXPECT_EQ(content_of(out.path() / name), content_of(original)) << name;
  }
}

TEST(Yolo, AMovedBoxChangesItsOwnRowAndKeepsItsScore) {
  const Dataset data;
  const TemporaryFolder out;
  Scene scene = scene_at(data.folder.path(), "train");
  scene.labels.image_tracks[1].keyframes[0].value.box = ImageBox{10, 10, 30, 15, 0};
  scene.labels.image_tracks[0].class_name = "dog";
  ASSERT_TRUE(write_labels(scene, scene.labels, Format::yolo, out.path() / "o"));
  EXPECT_EQ(content_of(out.path() / "o/labels/train/a.txt"), "1 0.5 0.5 0.25 0.1\n2 0.5 0.625 0.5 0.25 0.875\n");
  const std::string yaml = content_of(out.path() / "o/data.yaml");
  expect_words(yaml, {"- dog", "- traffic light", "kpt_shape: [17, 3]", "train: images/train"});
}

TEST(Yolo, RandomLabelsComeBackAndASecondRoundTripChangesNothing) {
  RandomLabels random(81);
  const TemporaryFolder work;
  for (int i = 0; i < 12; ++i) {
    Scene scene = image_scene_of(Format::bdd100k, [](int frame) { return TimestampNs{1'000'000'000} * frame; });
    scene.labels.image_tracks = dense_tracks(random, scene, 5, [&] { return ImageValue{.box = random.box(64, 48)}; });
    LabelSet labels = scene.labels;
    take_out_for(scene, labels, Format::yolo);
    const fs::path first = work.path() / std::to_string(i), second = first.string() + "-again";
    const auto written = write_labels(scene, labels, Format::yolo, first);
    ASSERT_TRUE(written) << written.error().message;
    const Scene again = scene_at(first);
    ASSERT_EQ(again.images.size(), 8U);
    ASSERT_EQ(again.labels.image_tracks.size(), labels.image_tracks.size());
    for (std::size_t t = 0; t < labels.image_tracks.size(); ++t) {
      const ImageTrack &want = labels.image_tracks[t], &have = again.labels.image_tracks[t];
      EXPECT_EQ(have.id, want.id);
      EXPECT_EQ(have.class_name, want.class_name);
      EXPECT_EQ(have.keyframes[0].timestamp, want.keyframes[0].timestamp);
      const ImageBox &a = *want.keyframes[0].value.box, &b = *have.keyframes[0].value.box;
      for (const double off : {a.left - b.left, a.top - b.top, a.right - b.right, a.bottom - b.bottom})
        ASSERT_LE(std::abs(off), 1e-12) << "a box in parts of the image cannot hold the last bit of its edges";
    }
    ASSERT_TRUE(write_labels(again, again.labels, Format::yolo, second));
    for (const auto& entry : fs::recursive_directory_iterator(first)) {
      if (!entry.is_regular_file()) continue;
      ASSERT_EQ(content_of(second / entry.path().lexically_relative(first)), content_of(entry.path())) << entry.path();
    }
  }
}

TEST(Yolo, DamageIsNamedByItsLine) {
  const Dataset data;
  EXPECT_EQ(first_problem_at(data.folder.path()), "");
  expect_words(data.problem("labels/train/a.txt", "0 0.5 0.5 0.25 0.1", "0 0.5 0.5 0.25"),
               {"a.txt, line 1", "4 words"});
  expect_words(data.problem("labels/train/a.txt", "2  0.125", "two  0.125"), {"a.txt, line 2", "\"two\""});
  expect_words(data.problem("labels/train/a.txt", "0.875", "high"), {"a.txt, line 2", "\"high\""});
  expect_words(data.problem("labels/train/a.txt", "0.25 0.1\n", "-0.25 0.1\n"), {"a.txt, line 1", "not below 0"});
  data.write("labels/train/b.txt", "0 0.1 0.1 0.1 0.1");
  expect_words(data.problem("image_sizes.csv", "b,10,10", "d,10,10"), {"b.txt, line 1", "image_sizes.csv"});
  expect_words(data.problem("image_sizes.csv", "c,100,50", "c,100"), {"image_sizes.csv, line 3", "\"c,100\""});
  expect_words(data.problem("data.yaml", "  2: traffic", "  x: traffic"), {"data.yaml", "/names", "\"x\""});
  expect_words(data.problem("data.yaml", "kpt_shape: [", "kpt_shape: {["), {"data.yaml", "line", "YAML"});
  write_content(data.folder.path() / "images/train/a.png", "GIF89a");
  expect_words(first_problem_at(data.folder.path()), {"a.png", "something else"});
}

TEST(Yolo, BoxesArePartsOfThePictureAsItIsShown) {
  SWEEPMARK_NEED_DATA(root, "cases/meaning/yolo_exif");
  const Scene scene = scene_at(root);
  ASSERT_EQ(scene.images.size(), 1U);
  EXPECT_EQ(scene.images[0].width, 40U) << "stored 100 x 40, turned by EXIF";
  EXPECT_EQ(scene.images[0].height, 100U);
  ASSERT_EQ(scene.labels.image_tracks.size(), 1U);
  const ImageBox box = *scene.labels.image_tracks[0].keyframes[0].value.box;
  EXPECT_NEAR(box.left, 10, 1e-9);
  EXPECT_NEAR(box.top, 10, 1e-9);
  EXPECT_NEAR(box.width(), 20, 1e-9);
  EXPECT_NEAR(box.height(), 30, 1e-9);
}

TEST(Yolo, PartsWithImagesAndLabelsOfTheirOwnAreScenes) {
  const TemporaryFolder folder;  // as Roboflow writes them
  const fs::path& root = folder.path();
  const std::string yaml = "train: ../train/images\nval: ../valid/images\nnc: 1\nnames: ['car']\n";
  write_content(root / "data.yaml", yaml);
  write_content(root / "train/labels/a.txt", "0 0.5 0.5 0.5 0.5\n");
  write_content(root / "valid/labels/b.txt", "0 0.5 0.5 0.25 0.5\n");
  for (const char* image : {"train/images/a.png", "valid/images/b.png"}) {
    fs::create_directories((root / image).parent_path());
    ASSERT_TRUE(write_png({40, 20, std::vector<std::uint8_t>(40 * 20 * 4, 255)}, root / image));
  }
  const Scene train = scene_at(root, "train"), valid = scene_at(root, "valid");
  EXPECT_EQ(train.images[0].file, root / "train/images/a.png");
  EXPECT_EQ(*train.labels.image_tracks[0].keyframes[0].value.box, (ImageBox{10, 5, 30, 15}));
  EXPECT_EQ(*valid.labels.image_tracks[0].keyframes[0].value.box, (ImageBox{15, 5, 25, 15}));
  ASSERT_TRUE(write_labels(valid, valid.labels, Format::yolo, root / "out"));
  EXPECT_EQ(content_of(root / "out/valid/labels/b.txt"), content_of(root / "valid/labels/b.txt"));
  EXPECT_EQ(content_of(root / "out/data.yaml"), yaml);
}

}  // namespace
}  // namespace sweepmark::testing_support
