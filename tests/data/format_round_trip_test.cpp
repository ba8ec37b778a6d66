// SPDX-License-Identifier: Apache-2.0
//
// What a format can hold comes back from it as it was; what nobody changed is written back byte for byte.
#include <algorithm>
#include <cmath>
#include <map>

#include "data/write_labels.h"
#include "kernels/math/rigid.h"
#include "tests/data/files.h"
#include "tests/data/random_scene.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;

std::vector<Format> writable_formats() {
  auto formats = all_formats();
  // KITTI object's frames are scenes of their own: tests/data/kitti_object_write_test.cpp.
  std::erase_if(formats, [](Format f) { return !has_label_writer(f) || f == Format::kitti_object; });
  return formats;
}

fs::path output_of(const TemporaryFolder& folder, Format format, const std::string& name = "scene") {
  return folder.path() / (name + std::string(scene_extension(format)));
}

/// Times as a format without absolute ones has them.
TimestampNs time_in(const Scene& scene, Format format, TimestampNs time) {
  if (format_features(format).has(Feature::absolute_times) || scene.format == format) return time;
  const auto frame = std::ranges::lower_bound(scene.frames, time, {}, &Frame::timestamp);
  return (frame - scene.frames.begin()) * TimestampNs{100'000'000};
}

/// \param metres, radians  what the format's digits allow
void expect_same_labels(const Scene& scene, Format format, const LabelSet& expected, const LabelSet& got, double metres,
                        double radians) {
  ASSERT_EQ(got.tracks.size(), expected.tracks.size());
  for (const Track& track : expected.tracks) {
    const auto same = std::ranges::find(got.tracks, track.id, &Track::id);
    ASSERT_NE(same, got.tracks.end()) << "no track " << track.id;
    EXPECT_EQ(same->attributes, track.attributes) << track.id;
    std::vector<AbsenceSpan> absences = track.absences;
    for (AbsenceSpan& span : absences) span = {time_in(scene, format, span.begin), time_in(scene, format, span.end)};
    EXPECT_EQ(same->absences, absences) << track.id;
    ASSERT_EQ(same->keyframes.size(), track.keyframes.size()) << track.id;
    for (std::size_t i = 0; i < track.keyframes.size(); ++i) {
      const Keyframe &want = track.keyframes[i], &have = same->keyframes[i];
      ASSERT_EQ(have.timestamp, time_in(scene, format, want.timestamp)) << track.id;
      EXPECT_EQ(class_at(*same, have.timestamp), class_at(track, want.timestamp)) << track.id << " at " << i;
      ASSERT_LE(norm(have.cuboid.center - want.cuboid.center), metres) << track.id << " at " << want.timestamp;
      ASSERT_LE(norm(have.cuboid.size - want.cuboid.size), metres) << track.id;
      // By the sine, which is exact for small angles.
      const Quat off = conjugate(have.cuboid.rotation) * want.cuboid.rotation;
      ASSERT_LE(2 * std::asin(std::min(1.0, norm(Vec3d{off.x, off.y, off.z}))), radians)
          << track.id << " at " << want.timestamp;
      EXPECT_EQ(have.stored_count, want.stored_count) << track.id;
      EXPECT_EQ(have.attributes, want.attributes) << track.id;
    }
  }
  ASSERT_EQ(got.point_labels.size(), expected.point_labels.size());
  const auto name_of = [](const LabelSet& labels, std::uint16_t c) {
    const auto name = labels.point_classes.find(c);
    return c == 0 || name == labels.point_classes.end() ? std::string() : name->second;
  };
  for (std::size_t s = 0; s < expected.point_labels.size(); ++s) {
    const auto want = read_point_labels(expected.point_labels[s]), have = read_point_labels(got.point_labels[s]);
    ASSERT_TRUE(want && have) << (have ? "" : have.error().message);
    ASSERT_EQ(have->classes.size(), want->classes.size());
    for (std::size_t i = 0; i < want->classes.size(); ++i)
      ASSERT_EQ(name_of(got, have->classes[i]) == "unlabeled" ? "" : name_of(got, have->classes[i]),
                name_of(expected, want->classes[i]) == "unlabeled" ? "" : name_of(expected, want->classes[i]));
    if (!have->instances.empty() && !want->instances.empty()) {
      EXPECT_EQ(have->instances, want->instances);
    }
  }
}

/// Writes what the format can hold of `scene`, reads it back, and both again.
void expect_round_trip(const Scene& scene, Format format) {
  SCOPED_TRACE(std::string(format_name(format)));
  LabelSet labels = scene.labels;
  labels.source.reset();
  for (Track& track : labels.tracks) {
    for (Keyframe& k : track.keyframes) k.source_row = Keyframe::no_source_row;
  }
  Scene from = scene;
  if (from.format == format) from.format = Format::points;  // as if it came from elsewhere
  const auto losses = take_out_for(from, labels, format);
  const bool has_labels = !labels.tracks.empty() || !labels.point_labels.empty();
  const TemporaryFolder folder;
  const fs::path first = output_of(folder, format, "first");
  const auto written = write_scene(from, labels, format, first);
  ASSERT_TRUE(written.has_value()) << written.error().message;
  if (!has_labels) return;  // some formats cannot be told from nothing then
  const auto handles = find_scenes(first);
  ASSERT_TRUE(handles.has_value()) << handles.error().message;
  ASSERT_EQ(handles->size(), 1U);
  ASSERT_EQ(handles->front().format, format) << "recognised by its content";
  auto again = open_scene(handles->front());
  ASSERT_TRUE(again.has_value()) << again.error().message;
  // KITTI prints six decimals. Map coordinates have steps of 1e-10 m.
  const bool six = format == Format::kitti_tracking;
  expect_same_labels(from, format, labels, again->labels, six ? 3e-6 : 1e-8, six ? 2e-6 : 1e-9);
  if (format == Format::sweepmark_store) return;  // its file has a time in it

  // Nobody changed anything: every byte is as it was.
  const fs::path kept = output_of(folder, format, "kept");
  const auto kept_written = write_scene(*again, again->labels, format, kept);
  ASSERT_TRUE(kept_written.has_value()) << kept_written.error().message;
  const auto one = files_at(first), same = files_at(kept);
  for (const auto& [name, content] : one) {
    // Poses are computed from other frames' and may differ in the last digit.
    if (name.find("pose") != std::string::npos || name.find("SE3") != std::string::npos) continue;
    if (const auto found = same.find(name); found != same.end()) {
      EXPECT_TRUE(found->second == content) << name;
    }
  }
  // As if the labels had been made here: the second trip changes nothing any more.
  LabelSet made = again->labels;
  made.source.reset();
  for (Track& track : made.tracks) {
    for (Keyframe& k : track.keyframes) k.source_row = Keyframe::no_source_row;
  }
  Scene twice_from = *again;
  // A scene of a format without times keeps the numbers of its frames, of which those without labels are not known.
  if (format_features(format).has(Feature::absolute_times)) twice_from.format = Format::points;
  const fs::path second = output_of(folder, format, "second");
  ASSERT_TRUE(write_scene(twice_from, made, format, second));
  const auto second_handles = find_scenes(second);
  ASSERT_TRUE(second_handles.has_value()) << second_handles.error().message;
  const auto twice = open_scene(second_handles->front());
  ASSERT_TRUE(twice.has_value()) << twice.error().message;
  expect_same_labels(*again, format, made, twice->labels, 2e-9, 1e-9);
}

TEST(FormatRoundTrip, RandomLabelsComeBackFromEveryFormatThatCanHoldThem) {
  for (unsigned seed = 0; seed < 12; ++seed) {
    SCOPED_TRACE(seed);
    const Scene scene = RandomScene(seed).scene();
    for (const Format format : writable_formats()) {
      expect_round_trip(scene, format);
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

TEST(FormatRoundTrip, RealLabelsComeBackFromEveryFormatThatCanHoldThem) {
  SWEEPMARK_NEED_DATA(data, "kitti_tracking");
  const fs::path root = data.parent_path();
  for (const auto& [path, name] : {std::pair{"kitti_tracking/training", "0002"},
                                   {"pandaset_002", ""},
                                   {"openlabel/openlabel100_kitti_tracking_0000.json", ""},
                                   {"nuscenes_tables", ""}}) {
    SCOPED_TRACE(path);
    const Scene scene = scene_at(root / path, name);
    ASSERT_FALSE(scene.labels.tracks.empty());
    for (const Format format : writable_formats()) {
      // 166,000 points a sweep as JSON: tested with the small sweeps above.
      Scene boxes = scene;
      boxes.labels.point_labels.clear();
      boxes.labels.image_tracks.clear();  // formats of images have tests of their own
      expect_round_trip(boxes, format);
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

TEST(FormatRoundTrip, EveryRealFileIsWrittenBackByteForByte) {
  SWEEPMARK_NEED_DATA(data, "kitti_tracking");
  const fs::path root = data.parent_path();
  std::size_t compared = 0;
  for (const char* path :
       {"kitti_tracking/training", "pandaset_002", "openlabel", "nuscenes_tables", "semantickitti", "argoverse2"}) {
    SCOPED_TRACE(path);
    const auto handles = find_scenes(root / path);
    ASSERT_TRUE(handles.has_value()) << handles.error().message;
    for (const SceneHandle& handle : *handles) {
      SCOPED_TRACE(handle.name);
      const auto scene = open_scene(handle);
      ASSERT_TRUE(scene.has_value()) << scene.error().message;
      const TemporaryFolder folder;
      const fs::path out = output_of(folder, handle.format);
      const auto written = write_scene(*scene, scene->labels, handle.format, out);
      ASSERT_TRUE(written.has_value()) << written.error().message;
      fs::path labels;
      const fs::path original = fs::is_directory(handle.root) ? handle.root : handle.root.parent_path();
      for (const auto& [name, content] : files_at(out)) {
        // What carries labels; poses and times have forms of their own.
        const fs::path file = name.empty() ? handle.root.filename() : fs::path(name).filename();
        const bool has_labels = name.empty() || file == "cuboids.csv" || file.extension() == ".label" ||
                                name.starts_with("label_02") || file == "annotations.feather";
        if (!has_labels) continue;
        for (const auto& entry : fs::recursive_directory_iterator(original)) {
          const bool is_label = entry.path().string().find("label_02") != std::string::npos;
          const bool label_is_meant = name.find("label_02") != std::string::npos;
          if (entry.path().filename() != file || is_label != label_is_meant) continue;
          if (file == "annotations.feather") {
            EXPECT_EQ(scene_at(out).labels.tracks.size(), scene->labels.tracks.size());
          } else {
            EXPECT_TRUE(content_of(entry.path()) == content) << file;
          }
          ++compared;
        }
      }
    }
  }
  EXPECT_GE(compared, 11U + 1 + 2 + 1 + 2) << "KITTI, PandaSet, OpenLABEL, SemanticKITTI, Argoverse 2";
}

TEST(FormatRoundTrip, WhatAFormatCannotHoldIsCounted) {
  Scene scene;
  scene.format = Format::pandaset;
  for (int i = 0; i < 3; ++i) scene.frames.push_back({i * 100'000'000, {}, {}, {}});
  Track track;
  track.id = "car-1";
  track.class_name = "Pickup Truck";
  track.attributes = {{"colour", "red"}};
  track.keyframes = {{0, {{1, 2, 3}, {4, 2, 1}, {}}, {}, {}},
                     {50'000'000, {{1, 2, 3}, {4, 2, 1}, {}}, {}, {}},
                     {200'000'000, {{1, 2, 3}, {5, 2, 1}, quat_from_euler(0.5, 0.1, 0)}, {}, {}}};
  scene.labels.tracks = {track};
  LabelSet labels = scene.labels;
  std::map<Feature, std::size_t> lost;
  for (const Loss& loss : take_out_for(scene, labels, Format::kitti_raw)) lost[loss.feature] = loss.count;
  EXPECT_EQ(lost, (std::map<Feature, std::size_t>{{Feature::off_frame_labels, 1},
                                                  {Feature::gaps, 1},
                                                  {Feature::track_ids, 2},
                                                  {Feature::tilt_in_world, 1},
                                                  {Feature::track_attributes, 2}}));
  ASSERT_EQ(labels.tracks.size(), 2U) << "a new track behind the gap, which may have its own size";
  EXPECT_TRUE(take_out_for(scene, labels, Format::pandaset).empty()) << "nothing is lost in the scene's own format";
}

TEST(FormatRoundTrip, AFolderThatHoldsSomethingIsNotWrittenInto) {
  const TemporaryFolder folder;
  write_content(folder.path() / "out/precious", "data");
  Scene scene = RandomScene(3).scene();
  LabelSet labels = scene.labels;
  take_out_for(scene, labels, Format::pandaset);
  const auto written = write_scene(scene, labels, Format::pandaset, folder.path() / "out");
  ASSERT_FALSE(written.has_value());
  expect_words(written.error().message, {"a folder with something in it already", "out"});
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1) << "a temporary folder was left behind";
}

}  // namespace
}  // namespace sweepmark::testing_support
