// SPDX-License-Identifier: Apache-2.0
//
// Labels in images that are keyframes, written where each frame has labels of its own: in as many frames as their own
// program shows them, and in none where the object is away.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "data/open_scene.h"
#include "data/write_labels.h"
#include "tests/cli/run_program.h"
#include "tests/support/test_data.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

/// Numbers of the frames with a label in an image, with how many they have.
using FrameCounts = std::map<std::size_t, std::size_t>;

Scene opened(const fs::path& path, std::optional<Format> format = {}) {
  const auto handles = find_scenes(path, format);
  EXPECT_TRUE(handles) << (handles ? "" : handles.error().message);
  if (!handles) return {};
  auto scene = open_scene(handles->front());
  EXPECT_TRUE(scene) << (scene ? "" : scene.error().message);
  return scene ? *std::move(scene) : Scene{};
}

FrameCounts counts_of(const Scene& scene) {
  FrameCounts counts;
  for (const ImageTrack& track : scene.labels.image_tracks) {
    for (const ImageKeyframe& k : track.keyframes) {
      const auto frame = std::ranges::find(scene.frames, k.timestamp, &Frame::timestamp);
      EXPECT_NE(frame, scene.frames.end()) << track.id << " at " << k.timestamp;
      ++counts[static_cast<std::size_t>(frame - scene.frames.begin())];
    }
  }
  return counts;
}

FrameCounts converted_counts(const fs::path& in, Format to, const fs::path& folder) {
  const std::string name(format_name(to)), out = folder / (name + std::string(scene_extension(to)));
  const ProgramResult run = run_sweepmark({"convert", in, out, "--to", name, "--lossy"});
  EXPECT_EQ(run.status, 0) << name << ": " << run.err;
  return counts_of(opened(out, to));
}

/// A film of 12 frames: an object that is there in frames 0 to 2 and 6 to 9, as keyframes and as its absence says.
std::string film(const std::string& shape_open, const std::string& shape_close) {
  const auto shape = [&](int frame, bool is_outside) {
    return fmt::format(R"({} frame="{}" keyframe="1" outside="{}" occluded="0" z_order="0"{})", shape_open, frame,
                       is_outside ? 1 : 0, shape_close);
  };
  return R"(<?xml version="1.0" encoding="utf-8"?><annotations><version>1.1</version><meta><task><size>12</size><labels>
<label><name>car</name><attributes></attributes></label></labels><original_size><width>64</width><height>48</height>
</original_size></task></meta><track id="0" label="car" source="manual">)" +
         shape(0, false) + shape(3, true) + shape(6, false) + shape(8, false) + shape(10, true) +
         "</track></annotations>";
}

const FrameCounts there = {{0, 1}, {1, 1}, {2, 1}, {6, 1}, {7, 1}, {8, 1}, {9, 1}};

TEST(KeyframedImages, CvatsDenseFileHasABoxInEachOfElevenFramesInEveryFormatOfBoxes) {
  SWEEPMARK_NEED_DATA(file, "cases/meaning/cvat_dense.xml");
  const TemporaryFolder folder;
  FrameCounts eleven;
  for (std::size_t frame = 0; frame < 11; ++frame) eleven[frame] = 1;
  for (const Format to :
       {Format::coco, Format::mot, Format::bdd100k, Format::yolo, Format::datumaro, Format::scale, Format::openlabel})
    EXPECT_EQ(converted_counts(file, to, folder.path()), eleven) << format_name(to);
  const fs::path dense = folder.path() / "dense.sweepmark.json";
  const ProgramResult run = run_sweepmark({"interpolate", file, "-o", dense, "--json"});
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_EQ(counts_of(opened(dense)), eleven);
  EXPECT_EQ(Json::parse(run.out)["scenes"][0]["image_labels"], 11);
}

TEST(KeyframedImages, NoLabelIsInsideAnAbsenceInAnyFormat) {
  const TemporaryFolder folder;
  const struct {
    std::string name, open, close;
    std::vector<Format> formats;
  } films[] = {
      {"box",
       "<box",
       R"( xtl="1" ytl="2" xbr="11" ybr="12"></box>)",
       {Format::coco, Format::mot, Format::bdd100k, Format::yolo, Format::datumaro, Format::scale, Format::openlabel}},
      {"polygon",
       "<polygon",
       R"( points="1,2;11,2;11,12"></polygon>)",
       {Format::coco, Format::bdd100k, Format::datumaro, Format::openlabel}},
      {"mask",
       "<mask",
       R"( rle="0, 12" left="1" top="2" width="4" height="3"></mask>)",
       {Format::coco, Format::coco_panoptic, Format::bdd100k, Format::datumaro, Format::kitti_mots, Format::mots_png}},
  };
  for (const auto& f : films) {
    const fs::path file = folder.path() / (f.name + ".xml"), out = folder.path() / (f.name + "_as");
    fs::create_directory(out);
    std::ofstream(file) << film(f.open, f.close);
    for (const Format to : f.formats)
      EXPECT_EQ(converted_counts(file, to, out), there) << f.name << " as " << format_name(to);
    const fs::path dense = out / "dense.sweepmark.json";
    ASSERT_EQ(run_sweepmark({"interpolate", file, "-o", dense}).status, 0);
    EXPECT_EQ(counts_of(opened(dense)), there) << f.name;
  }
}

TEST(KeyframedImages, HeldBeyondTheirLastKeyframeTheyStillEndWhereTheyAreAbsent) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "box.xml", absent = folder.path() / "absent.sweepmark.json";
  std::ofstream(file) << film("<box", R"( xtl="1" ytl="2" xbr="11" ybr="12"></box>)");
  Scene scene = opened(file);
  ASSERT_EQ(scene.frames.size(), 12U);
  ASSERT_EQ(scene.labels.image_tracks.size(), 1U);
  scene.labels.image_tracks[0].absences.back() = {scene.frames[11].timestamp, scene.frames[11].timestamp};
  ASSERT_TRUE(write_labels(scene, scene.labels, Format::sweepmark_json, absent));
  const fs::path dense = folder.path() / "dense.sweepmark.json";
  ASSERT_EQ(run_sweepmark({"interpolate", absent, "--extrapolate", "-o", dense}).status, 0);
  FrameCounts expected = there;
  expected[10] = 1;
  EXPECT_EQ(counts_of(opened(dense)), expected);
}

TEST(KeyframedImages, HeldBeyondTheirLastKeyframeTheyAreNotWhereCvatSaysOutside) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "film.xml", json = folder.path() / "film.sweepmark.json";
  std::string text = film("<box", R"( xtl="1" ytl="2" xbr="11" ybr="12"></box>)");
  // Away in the first two frames, and from frame 10 on.
  const std::string first = R"(<box frame="0" keyframe="1" outside="0")";
  ASSERT_NE(text.find(first), std::string::npos);
  text.replace(
      text.find(first), first.size(),
      R"(<box frame="0" keyframe="1" outside="1" xtl="1" ytl="2" xbr="11" ybr="12"/><box frame="2" keyframe="1" outside="0")");
  std::ofstream(file) << text;
  const FrameCounts shown = {{2, 1}, {6, 1}, {7, 1}, {8, 1}, {9, 1}};
  ASSERT_EQ(run_sweepmark({"convert", file, json, "--lossy"}).status, 0);
  for (const fs::path& in : {file, json}) {  // our own file says it too
    const fs::path out = folder.path() / "dense.sweepmark.json";
    const ProgramResult run = run_sweepmark({"interpolate", in, "-o", out, "--extrapolate", "--overwrite"});
    ASSERT_EQ(run.status, 0) << run.err;
    EXPECT_EQ(counts_of(opened(out)), shown) << in;
  }
}

TEST(KeyframedImages, WhatWasNotWrittenIsNotCountedAsWritten) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "box.xml";
  std::ofstream(file) << film("<box", R"( xtl="1" ytl="2" xbr="11" ybr="12"></box>)");
  const ProgramResult run =
      run_sweepmark({"interpolate", file, "--to", "mots_png", "-o", folder.path() / "masks", "--json"});
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_EQ(Json::parse(run.out)["scenes"][0]["image_labels"], 0);
  EXPECT_NE(run.err.find("7 boxes in images: left out"), std::string::npos) << run.err;
}

TEST(KeyframedImages, KeyframesBetweenTheFramesThatAreAskedForAreCounted) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "box.xml";
  std::ofstream(file) << film("<box", R"( xtl="1" ytl="2" xbr="11" ybr="12"></box>)");
  const auto said = [&](const std::string& at) {
    const ProgramResult run = run_sweepmark({"interpolate", file, "--at", at, "-o", folder.path() / ("at" + at)});
    EXPECT_EQ(run.status, 0) << run.err;
    return run.err;
  };
  EXPECT_EQ(said("frames"), "");
  // Of keyframes in frames 0, 2, 6, 8 and 9 of a film of 30 a second, 10 a second meets those in frames 0, 6 and 9.
  EXPECT_NE(said("10").find("2 keyframes are not in the output"), std::string::npos);
}

TEST(KeyframedImages, SeveralFilesOfAnotherFormatHaveItsEnding) {
  const TemporaryFolder folder;
  fs::create_directory(folder.path() / "films");
  for (const char* name : {"a.xml", "b.xml"})
    std::ofstream(folder.path() / "films" / name) << film("<box", R"( xtl="1" ytl="2" xbr="11" ybr="12"></box>)");
  const fs::path out = folder.path() / "out";
  const ProgramResult run = run_sweepmark({"interpolate", folder.path() / "films", "--to", "coco", "-o", out});
  ASSERT_EQ(run.status, 0) << run.err;
  for (const char* name : {"a.json", "b.json"}) EXPECT_EQ(counts_of(opened(out / name, Format::coco)), there) << name;
}

TEST(KeyframedImages, ARealFileOfCuboidsAndImagesKeepsBothInEveryFrame) {
  SWEEPMARK_NEED_DATA(file, "openlabel/openlabel100_kitti_tracking_0000.json");
  const TemporaryFolder folder;
  const auto labels_of = [](const Scene& scene) {
    std::set<std::string> labels;
    for (const Track& track : scene.labels.tracks)
      for (const Keyframe& k : track.keyframes) labels.insert(fmt::format("{} {}", track.id, k.timestamp));
    for (const ImageTrack& track : scene.labels.image_tracks)
      for (const ImageKeyframe& k : track.keyframes)
        labels.insert(fmt::format("{} {} {}", track.camera, track.id, k.timestamp));
    return labels;
  };
  const auto truth = labels_of(opened(file));
  EXPECT_EQ(truth.size(), 711U + 1422U);
  const fs::path thin = folder.path() / "thin.sweepmark.json", dense = folder.path() / "dense.sweepmark.json",
                 few = folder.path() / "few.sweepmark.json";
  ASSERT_EQ(run_sweepmark({"thin", file, "-o", thin}).status, 0);
  EXPECT_LT(labels_of(opened(thin)).size(), truth.size());
  ASSERT_EQ(run_sweepmark({"interpolate", thin, "-o", dense}).status, 0);
  EXPECT_EQ(labels_of(opened(dense)), truth);
  ASSERT_EQ(run_sweepmark({"interpolate", file, "--keyframes", "every=10", "-o", few}).status, 0);
  EXPECT_EQ(labels_of(opened(few)), truth);
}

/// What a whole image is tagged with has no place in our labels: it stays in its file, and a conversion says so.
TEST(KeyframedImages, TagsOfWholeImagesAreListedWhereTheyAreLost) {
  const TemporaryFolder folder;
  std::string tagged = film("<box", R"( xtl="1" ytl="2" xbr="11" ybr="12"></box>)");
  tagged.insert(tagged.find("<track"), R"(<tag label="car" frame="1"/>)");
  const struct {
    std::string name, text, listed;
  } files[] = {
      {"cvat.xml", tagged, "(<tag>)"},
      {"datumaro.json",
       R"({"categories": {"label": {"labels": [{"name": "rain"}]}}, "items": [{"id": "a", "annotations": [
          {"id": 0, "type": "label", "label_id": 0}], "image": {"path": "a.jpg", "size": [48, 64]}}]})",
       "(annotations of type label)"},
      {"bdd100k.json",
       R"([{"name": "a.jpg", "attributes": {"weather": "rainy"}, "labels": [
          {"id": "1", "category": "car", "box2d": {"x1": 1, "y1": 2, "x2": 3, "y2": 4}}]}])",
       "(attributes of images)"},
      {"coco.json",
       R"({"images": [{"id": 1, "file_name": "a.jpg", "width": 64, "height": 48}], "categories": [],
          "annotations": [{"id": 1, "image_id": 1, "caption": "rain"}]})",
       "(annotations without a shape)"},
  };
  for (const auto& f : files) {
    const fs::path file = folder.path() / f.name;
    std::ofstream(file) << f.text;
    const fs::path out = folder.path() / (f.name + ".sweepmark.json");
    const ProgramResult converted = run_sweepmark({"convert", file, out});
    EXPECT_EQ(converted.status, 1) << f.name << " goes without --lossy";
    EXPECT_NE(converted.out.find(f.listed), std::string::npos) << f.name << ": " << converted.out;
    const ProgramResult dense = run_sweepmark({"interpolate", file, "-o", out});
    ASSERT_EQ(dense.status, 0) << f.name << ": " << dense.err;
    EXPECT_NE(dense.err.find(f.listed), std::string::npos) << f.name << ": " << dense.err;
    // In its own format nothing is lost.
    const fs::path own = folder.path() / ("own_" + f.name);
    const ProgramResult kept =
        run_sweepmark({"convert", file, own, "--to", std::string(format_name(opened(file).format))});
    EXPECT_EQ(kept.status, 0) << f.name << ": " << kept.out << kept.err;
  }
}

}  // namespace
}  // namespace sweepmark::testing_support
