// SPDX-License-Identifier: Apache-2.0
//
// A video as a scene: opened, labelled, stored, exported.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "data/conversion.h"
#include "data/missing_files.h"
#include "data/scene_in_store.h"
#include "data/turned_pictures.h"
#include "kernels/math/rigid.h"
#include "tests/data/files.h"
#include "tests/support/coded_video.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;

/// A video at a changing rate.
CodedVideo changing_rate() {
  CodedVideo coded;
  coded.time = [](std::size_t i) { return static_cast<std::int64_t>(40 * i + i % 3 * 7); };
  return coded;
}

/// A box in each of pictures 3 and 20.
LabelSet labels_of(const Scene& scene) {
  LabelSet labels;
  ImageTrack track;
  track.id = "7";
  track.camera = "image";
  track.class_name = "car";
  for (const std::size_t n : {3U, 20U}) {
    ImageKeyframe keyframe;
    keyframe.timestamp = scene.images[n].timestamp;
    keyframe.value.box = ImageBox{static_cast<double>(n), 5, 40, 30.5, 0};
    track.keyframes.push_back(keyframe);
  }
  labels.image_tracks.push_back(track);
  return labels;
}

void expect_same_labels(const LabelSet& labels, const LabelSet& expected) {
  ASSERT_EQ(labels.image_tracks.size(), expected.image_tracks.size());
  for (std::size_t i = 0; i < labels.image_tracks.size(); ++i) {
    const ImageTrack &found = labels.image_tracks[i], &wanted = expected.image_tracks[i];
    EXPECT_EQ(found.id, wanted.id);
    ASSERT_EQ(found.keyframes.size(), wanted.keyframes.size());
    for (std::size_t k = 0; k < found.keyframes.size(); ++k) {
      EXPECT_EQ(found.keyframes[k].timestamp, wanted.keyframes[k].timestamp);
      EXPECT_EQ(found.keyframes[k].value, wanted.keyframes[k].value);
    }
  }
}

/// Every image of the scene is the picture of the video that it says.
void expect_pictures(const Scene& scene) {
  const ScenePictures pictures(scene);
  for (std::size_t n = 0; n < scene.images.size(); ++n) {
    const auto picture = pictures.read(scene.images[n]);
    ASSERT_TRUE(picture) << picture.error().message;
    EXPECT_EQ(number_in(*picture), n);
  }
}

TEST(VideoScene, IsOneCameraWhosePicturesAreFramesAtTheirOwnTimes) {
  const TemporaryFolder folder;
  write_video(changing_rate(), folder.path() / "clip.mp4");
  if (HasFatalFailure()) return;
  const Scene scene = scene_at(folder.path() / "clip.mp4");
  EXPECT_EQ(scene.format, Format::video);
  EXPECT_EQ(scene.name, "clip");
  ASSERT_EQ(scene.frames.size(), 40U);
  ASSERT_EQ(scene.images.size(), 40U);
  EXPECT_EQ(scene.frames[4].timestamp - scene.frames[3].timestamp, 47'000'000);
  EXPECT_EQ(scene.frames[3].images, std::vector<std::uint32_t>{3});
  EXPECT_EQ(scene.images[3].video_frame, 3U);
  EXPECT_EQ(scene.images[3].width, 64U);
  EXPECT_FALSE(scene.has_assumed_times);
  EXPECT_TRUE(scene.notes.empty());
  EXPECT_EQ(missing_files(scene).images, 0U);
  expect_pictures(scene);
}

TEST(VideoScene, AFolderOfVideosHasASceneForEach) {
  const TemporaryFolder folder;
  fs::create_directories(folder.path() / "clips");
  for (const char* name : {"b2.mp4", "b10.mkv"}) write_video({}, folder.path() / "clips" / name);
  if (HasFatalFailure()) return;
  const auto handles = find_scenes(folder.path() / "clips");
  ASSERT_TRUE(handles) << handles.error().message;
  ASSERT_EQ(handles->size(), 2U);
  EXPECT_EQ((*handles)[0].name, "b2");
  EXPECT_EQ((*handles)[1].root.filename(), "b10.mkv");
  // Beside what may be labels they are opened when asked for.
  write_content(folder.path() / "clips/labels.json", "{\"labels\": 1}");
  expect_words(problem_at(folder.path() / "clips"), {"videos beside other files", "--format video"});
  EXPECT_EQ(find_scenes(folder.path() / "clips", Format::video)->size(), 2U);
}

TEST(VideoScene, WhatIsCalledAVideoAndIsNoneIsSaidSo) {
  const TemporaryFolder folder;
  write_content(folder.path() / "c.mp4", "x");
  expect_words(problem_at(folder.path() / "c.mp4"), {"expected a video", "something else", "c.mp4"});
  write_content(folder.path() / "code.ts", "export const x = 1;\n");
  expect_words(problem_at(folder.path() / "code.ts"), {"no dataset recognised"});
}

TEST(VideoScene, AStoreOfItIsOpenedByItselfAndFindsThePicturesAgain) {
  const TemporaryFolder folder;
  const fs::path clip = folder.path() / "a/clip.mp4", store = folder.path() / "a/clip.sweepmark";
  fs::create_directories(clip.parent_path());
  write_video(changing_rate(), clip);
  if (HasFatalFailure()) return;
  const Scene scene = scene_at(clip);
  const LabelSet labels = labels_of(scene);
  {
    const StoredScene stored = stored_scene_of(scene, store).value();
    ASSERT_TRUE(LabelStore::create(store, labels, {"ann", "test", 1}, &stored));
  }
  // Moved together, as a folder is.
  fs::rename(folder.path() / "a", folder.path() / "b");
  const Scene again = scene_at(folder.path() / "b/clip.sweepmark");
  EXPECT_EQ(again.format, Format::video);
  ASSERT_EQ(again.images.size(), 40U);
  expect_same_labels(again.labels, labels);
  for (std::size_t n = 0; n < 40; ++n) EXPECT_EQ(again.images[n].timestamp, scene.images[n].timestamp);
  expect_pictures(again);
  // The video with the store's labels.
  Scene with = scene_at(folder.path() / "b/clip.mp4");
  const auto put = put_labels_of_store(with, folder.path() / "b/clip.sweepmark");
  ASSERT_TRUE(put) << put.error().message;
  expect_same_labels(with.labels, labels);
}

TEST(VideoScene, AnotherVideoInItsPlaceDoesNotGetItsLabels) {
  const TemporaryFolder folder;
  const fs::path clip = folder.path() / "clip.mp4", store = folder.path() / "clip.sweepmark";
  write_video(changing_rate(), clip);
  if (HasFatalFailure()) return;
  const Scene scene = scene_at(clip);
  const StoredScene stored = stored_scene_of(scene, store).value();
  ASSERT_TRUE(LabelStore::create(store, labels_of(scene), {"ann", "test", 1}, &stored));
  CodedVideo other;
  other.pictures = 30;
  write_video(other, clip);
  Scene with = scene_at(clip);
  const auto put = put_labels_of_store(with, store);
  ASSERT_FALSE(put);
  expect_words(put.error().message, {"clip.sweepmark", "another scene"});
  const Scene alone = scene_at(store);
  const auto picture = ScenePictures(alone).read(alone.images[4]);
  ASSERT_FALSE(picture);
  expect_words(picture.error().message, {"picture 4", "another file now", "clip.mp4"});
}

class ExportOfAVideo : public testing::Test {
 protected:
  void SetUp() override {
    write_video(changing_rate(), folder_.path() / "clip.mp4");
    if (HasFatalFailure()) return;
    scene_ = scene_at(folder_.path() / "clip.mp4");
    scene_.labels = labels_of(scene_);
  }
  /// The labels as they are written and read again in that format.
  Scene through(Format format, const std::string& name) {
    conversion_ = prepare_conversion(scene_, format);
    const auto written = write(conversion_, path(name));
    EXPECT_TRUE(written) << format_name(format) << ": " << (written ? "" : written.error().message);
    return scene_at(path(name));
  }
  fs::path path(const std::string& name) const { return folder_.path() / "out" / name; }
  bool says_that_files_are_named() const {
    return std::ranges::any_of(conversion_.inventions,
                               [](const Invention& i) { return i.need == Need::image_files && i.count == 40; });
  }

  void expect_boxes(const Scene& again, const std::vector<std::size_t>& frames) const {
    ASSERT_EQ(again.labels.image_tracks.size(), 1U);
    const ImageTrack& track = again.labels.image_tracks[0];
    for (const std::size_t n : frames) {
      const auto at = std::ranges::find(track.keyframes, again.frames.at(n).timestamp, &ImageKeyframe::timestamp);
      ASSERT_NE(at, track.keyframes.end()) << n;
      EXPECT_EQ(at->value.box, (ImageBox{static_cast<double>(n), 5, 40, 30.5, 0}));
    }
  }

  TemporaryFolder folder_;
  Scene scene_;
  Conversion conversion_;
};

TEST_F(ExportOfAVideo, AsOurJsonKeepsNumbersAndTimes) {
  fs::create_directories(path(""));
  const Scene again = through(Format::sweepmark_json, "a.sweepmark.json");
  EXPECT_TRUE(conversion_.is_exact());
  EXPECT_EQ(again.images[3].video_frame, 3U);
  EXPECT_EQ(again.images[3].timestamp, scene_.images[3].timestamp);
  expect_boxes(again, {3, 20});
  expect_pictures(again);
}

TEST_F(ExportOfAVideo, AsOpenLabelKeepsNumbersAndTimes) {
  fs::create_directories(path(""));
  const Scene again = through(Format::openlabel, "a.json");
  EXPECT_FALSE(says_that_files_are_named());
  ASSERT_EQ(again.images.size(), 40U);
  EXPECT_EQ(again.images[3].video_frame, 3U);
  EXPECT_EQ(again.images[3].timestamp, scene_.images[3].timestamp);
  expect_boxes(again, {3, 20});
  expect_pictures(again);
}

TEST_F(ExportOfAVideo, AsCvatForVideoAndMotNumbersFramesAsThePicturesAre) {
  fs::create_directories(path(""));
  expect_boxes(through(Format::cvat_video, "a.xml"), {3, 20});
  EXPECT_FALSE(says_that_files_are_named());
  const std::string xml = content_of(path("a.xml"));
  EXPECT_NE(xml.find("<size>40</size>"), std::string::npos);
  EXPECT_NE(xml.find("<source>clip.mp4</source>"), std::string::npos);
  EXPECT_NE(xml.find("frame=\"3\""), std::string::npos);
  EXPECT_NE(xml.find("frame=\"20\""), std::string::npos);
  expect_boxes(through(Format::mot, "mot"), {3, 20});
  EXPECT_EQ(content_of(path("mot/gt/gt.txt")).substr(0, 4), "4,7,") << "MOT counts frames from 1";
}

TEST_F(ExportOfAVideo, WhereFilesOfImagesAreNamedTheyAreCalledAsCvatTakesVideosApartAndThatIsSaid) {
  fs::create_directories(path(""));
  const Scene coco = through(Format::coco, "coco.json");
  EXPECT_TRUE(says_that_files_are_named());
  expect_boxes(coco, {3, 20});
  const auto json = nlohmann::json::parse(content_of(path("coco.json")));
  EXPECT_EQ(json["images"][3]["file_name"], "../clip/frame_000003.png");
  EXPECT_EQ(json["images"][3]["timestamp_ns"], scene_.images[3].timestamp);
  through(Format::cvat_images, "images.xml");
  EXPECT_TRUE(says_that_files_are_named());
  EXPECT_NE(content_of(path("images.xml")).find("name=\"frame_000020.png\""), std::string::npos);
  through(Format::bdd100k, "bdd.json");
  EXPECT_TRUE(says_that_files_are_named());
  EXPECT_NE(content_of(path("bdd.json")).find("frame_000020.png"), std::string::npos);
  through(Format::datumaro, "datumaro.json");
  EXPECT_TRUE(says_that_files_are_named());
  EXPECT_NE(content_of(path("datumaro.json")).find("frame_000020.png"), std::string::npos);
  through(Format::yolo, "yolo");
  EXPECT_TRUE(says_that_files_are_named());
  bool is_there = false;
  for (const auto& [name, content] : files_at(path("yolo"))) is_there |= name.ends_with("frame_000020.txt");
  EXPECT_TRUE(is_there);
}

TEST(VideoBesideCuboids, KittiObjectGetsThePicturesTakenOutOfIt) {
  const TemporaryFolder folder;
  write_video({}, folder.path() / "clip.mp4");
  if (HasFatalFailure()) return;
  Scene scene = scene_at(folder.path() / "clip.mp4");
  scene.format = Format::sweepmark_json;
  // Looks ahead: z forwards, y down.
  scene.sensors[0].ego_from_sensor.rotation = quat_from_matrix({{{0, 0, 1}, {-1, 0, 0}, {0, -1, 0}}});
  scene.sensors[0].camera = CameraIntrinsics{50, 50, 32, 24, 64, 48, "pinhole", {}};
  Track track;
  track.id = "1";
  track.class_name = "Car";
  track.keyframes.emplace_back();
  track.keyframes[0].timestamp = scene.frames[3].timestamp;
  track.keyframes[0].cuboid = {{10, 0, 0}, {4, 2, 1.5}, {}};
  scene.labels.tracks.push_back(track);
  const auto written = write(prepare_conversion(scene, Format::kitti_object), folder.path() / "kitti");
  ASSERT_TRUE(written) << written.error().message;
  for (const std::size_t n : {0U, 3U, 39U}) {
    const auto picture = read_image(folder.path() / "kitti/image_2" / fmt::format("{:06}.png", n));
    ASSERT_TRUE(picture) << picture.error().message;
    EXPECT_EQ(number_in(*picture), n);
  }
}

}  // namespace
}  // namespace sweepmark::testing_support
