// SPDX-License-Identifier: Apache-2.0
//
// One wrong row does not shut a file: it is a finding, the rest opens, and the row goes back as it was.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "data/bad_row_text.h"
#include "data/conversion.h"
#include "data/formats/feather.h"
#include "data/store/label_store.h"
#include "tests/data/examples.h"
#include "tests/data/image_formats.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;
using Kind = BadRow::Kind;

std::size_t label_count(const Scene& scene) {
  std::size_t count = 0;
  for (const Track& track : scene.labels.tracks) count += track.keyframes.size();
  for (const ImageTrack& track : scene.labels.image_tracks) count += track.keyframes.size();
  return count;
}

/// A change of an example that makes one of its rows wrong, or adds a wrong one.
struct Damage {
  const char* example;
  const char* file;  ///< its name; several files have their own
  std::string_view what, with;
  Kind kind;
  const char* place;    ///< part of it
  int labels_less = 1;  ///< than before; -1: what the format makes of its neighbours
};

constexpr std::string_view sustech_object =
    R"([{"obj_id":"1","obj_type":"Car","psr":{"position":{"x":1,"y":2,"z":3},"rotation":{"x":0,"y":0,"z":0.5},"scale":{"x":4,"y":2,"z":1.5}}},{"obj_id":"1",)";
constexpr std::string_view second_cuboid =
    R"("cuboid":[{"name":"box","coordinate_system":"world","val":[15,2,2.3,0,0,0,1,4.5,1.9,1.6]},{"name":"box","coordinate_system":"world")";
constexpr std::string_view second_bbox =
    R"({"id": 9, "type": "bbox", "attributes": {}, "group": 5, "label_id": 1, "bbox": [0.0, 0.0, 5.0, 7.0]}, {"id": 4, "type": "bbox")";

const std::vector<Damage> damages = {
    {"kitti_object/frame.txt", "", "1.6 1.57 3.23", "1.6 0 3.23", Kind::size, "line 1"},
    {"kitti_object/frame.txt", "", "-2.7 1.74", "nan 1.74", Kind::not_finite, "line 1"},
    {"kitti_mots/sample.txt", "f.txt", "2 1001 1", "0 1001 1", Kind::second_row, "line 3"},
    {"mot/sample.txt", "gt.txt", "1,2,1,1,10", "1,2,1,1,-10", Kind::box_without_area, "line 4"},
    {"mot/sample.txt", "gt.txt", "1,2,1,1,10", "1,1,1,1,10", Kind::second_row, "line 4"},
    {"mot/sample.txt", "gt.txt", "1,2,1,1,10", "1,2,inf,1,10", Kind::not_finite, "line 4"},
    {"pandaset/two_frames.txt", "", "10.50,2,1,1.9", "10.50,2,1,0", Kind::size, "line 3"},
    {"pandaset/two_frames.txt", "", "10.50,2,1,1.9", "10.50,2,nan,1.9", Kind::not_finite, "line 3"},
    {"pandaset/two_frames.txt", "", "1,a,Car,0.5,\"x", "0,a,Car,0.5,\"x", Kind::second_row, "line 3"},
    {"openpcdet/set.txt", "", "5.12 1.85", "5.12 -1.85", Kind::size, "line 1"},
    {"openpcdet/set.txt", "", "1.46 0.10", "1.46 1e999", Kind::not_finite, "line 1"},
    {"openlabel/two_frames.json", "x.json", "0.968912422,4.5", "0.968912422,-4.5", Kind::size, "/frames/1/objects/7"},
    {"openlabel/two_frames.json", "x.json", "[15,2,2.3,0,0,", "[15,2,2.3,5,0,", Kind::rotation, "/frames/1/objects/7"},
    {"openlabel/two_frames.json", "x.json", R"("cuboid":[{"name":"box","coordinate_system":"world")", second_cuboid,
     Kind::second_row, "/cuboid/1", 0},
    {"openlabel/images.json", "x.json", "[22, 10, 8, 4]", "[22, 10, -8, 4]", Kind::box_without_area, "/frames/1"},
    {"scale/task.txt", "", R"("dimensions":{"x":2)", R"("dimensions":{"x":-2)", Kind::size, "/0/cuboids/0/dimensions"},
    {"segments_ai/two_frames.json", "x.json", R"("dimensions":{"x":4)", R"("dimensions":{"x":0)", Kind::size,
     "/dimensions"},
    {"segments_ai/two_frames.json", "x.json", R"("rotation":{"qx":0)", R"("rotation":{"qx":9)", Kind::rotation,
     "/rotation"},
    {"supervisely/episode.txt", "", R"("dimensions":{"x":4)", R"("dimensions":{"x":-4)", Kind::size, "/dimensions"},
    {"supervisely/clouds.txt", "", R"("dimensions":{"x":4)", R"("dimensions":{"x":-4)", Kind::size, "/dimensions"},
    {"sustechpoints/two_frames.txt", "", R"("scale":{"x":4)", R"("scale":{"x":0)", Kind::size, "/psr/scale"},
    {"sustechpoints/two_frames.txt", "", R"([{"obj_id":"1",)", sustech_object, Kind::second_row, "/1/obj_id", 0},
    {"sweepmark_json/later_classes.sweepmark.json", "s.sweepmark.json", "[4, 2, 1.5]", "[4, 0, 1.5]", Kind::size,
     "/tracks/0/keyframes/0/size"},
    {"sweepmark_json/later_classes.sweepmark.json", "s.sweepmark.json", R"([4, 2, 1.5], "rotation": [1)",
     R"([4, 2, 1.5], "rotation": [3)", Kind::rotation, "/tracks/0/keyframes/0/rotation"},
    {"sweepmark_json/later_classes.sweepmark.json", "s.sweepmark.json", R"("center": [1,)", R"("center": [1e200,)",
     Kind::not_finite, "/tracks/0/keyframes/0"},
    {"sweepmark_json/later_classes.sweepmark.json", "s.sweepmark.json", R"("box": [1,)", R"("box": [4,)",
     Kind::box_without_area, "/image_tracks/0/keyframes/0/box"},
    {"sweepmark_json/later_classes.sweepmark.json", "s.sweepmark.json", R"("box": [1, 2, 3, 4]})",
     R"("box": [1, 2, 3, 4]}, {"timestamp_ns": 0, "box": [1, 2, 3, 5]})", Kind::second_row, "/keyframes/1", 0},
    {"coco/sample.json", "f.json", "[1.5, 2, 10, 4.25]", "[1.5, 2, -10, 4.25]", Kind::box_without_area,
     "/annotations/0/bbox"},
    {"coco/sample.json", "f.json", "\"image_id\": 7", "\"image_id\": 8", Kind::missing_image,
     "/annotations/0/image_id"},
    {"coco/sample.json", "f.json", "\"category_id\": 90", "\"category_id\": 9", Kind::other,
     "/annotations/1/category_id"},
    {"coco/sample.json", "f.json", "\"id\": 12", "\"id\": 11", Kind::second_row, "/annotations/1/id"},
    {"bdd100k/sample.json", "f.json", "\"x2\": 75.5", "\"x2\": -75.5", Kind::box_without_area, "/0/labels/0/box2d"},
    {"bdd100k/sample.json", "f.json", R"("id": "8", "category": "person", "score")",
     R"("id": "7", "category": "person", "score")", Kind::second_row, "/0/labels/1/id"},
    {"datumaro/images.json", "f.json", "[2.5, 2.0, 10.0", "[2.5, 2.0, -10.0", Kind::box_without_area,
     "/items/1/annotations/0/bbox"},
    {"datumaro/images.json", "f.json", R"({"id": 4, "type": "bbox")", second_bbox, Kind::second_row,
     "/items/0/annotations/4", 0},
    {"datumaro/clouds.json", "f.json", "\"scale\": [4", "\"scale\": [-4", Kind::size, "/items/0/annotations/0/scale"},
    {"cvat_images/sample.xml", "f.xml", "xbr=\"10.00\"", "xbr=\"-10.00\"", Kind::box_without_area, "element 1 <box>"},
    {"cvat_images/sample.xml", "f.xml", "xbr=\"10.00\"", "xbr=\"nan\"", Kind::not_finite, "element 1 <box>"},
    {"cvat_video/sample.xml", "f.xml", "xbr=\"12.00\"", "xbr=\"-12.00\"", Kind::box_without_area, "track 0, frame 4",
     -1},
    {"cvat_video/sample.xml", "f.xml", "frame=\"3\"", "frame=\"2\"", Kind::second_row, "track 0, frame 2", -1},
    {"yolo/list.txt", "", "1 0.1 0.1 0.2", "1 0.1 0.1 -0.2", Kind::box_without_area, "line 2"},
    {"yolo/list.txt", "", "1 0.1 0.1 0.2", "1 nan 0.1 0.2", Kind::not_finite, "line 2"},
    {"darknet/two_images.txt", "", "1 0.2 0.6 0.05", "1 0.2 0.6 -0.05", Kind::box_without_area, "line 2"},
    {"labelcloud/centroid.txt", "", "\"length\":4.2", "\"length\":0", Kind::size, "/objects/0/dimensions"},
    {"labelcloud/kitti.txt", "", "1.5 1.8 4.2", "1.5 nan 4.2", Kind::not_finite, "line 1"},
    {"kitti_tracklets/one.xml", "tracklet_labels.xml", "<tx>11.25", "<tx>nan", Kind::not_finite, "tracklet 0, pose 1"},
    {"kitti_tracklets/one.xml", "tracklet_labels.xml", "<h>1.5", "<h>0", Kind::size, "tracklet 0", 2},
    {"label_studio/images_and_video.json", "x.json", "\"width\": 30", "\"width\": -30", Kind::box_without_area,
     "/result/0/value"},
    {"nuimages/one_log.txt", "", "\"bbox\": [1, 1, 4, 3]", "\"bbox\": [4, 1, 1, 3]", Kind::box_without_area,
     "record 0"},
};

Example damaged(const Damage& damage) {
  std::string text = corpus(damage.example);
  replace(text, damage.what, damage.with);
  return {text, damage.file};
}

void expect_same_rows(const std::vector<BadRow>& a, const std::vector<BadRow>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].kind, b[i].kind);
    EXPECT_EQ(a[i].found, b[i].found);
    EXPECT_EQ(a[i].expected, b[i].expected);
    EXPECT_EQ(a[i].object, b[i].object);
  }
}

/// Written in the scene's own format below `folder`.
fs::path written(const Scene& scene, const LabelSet& labels, const fs::path& folder) {
  fs::path out = folder / (scene_extension(scene.format).empty() ? "out" : scene.root.filename().string());
  const auto done = write_scene(scene, labels, scene.format, out);
  EXPECT_TRUE(done) << done.error().message;
  return out;
}

TEST(BadRows, OneIsAFindingAndTheRestOpens) {
  for (const Damage& damage : damages) {
    SCOPED_TRACE(std::string(damage.example) + " with " + std::string(damage.with));
    const Example whole(corpus(damage.example), damage.file), bad = damaged(damage);
    const Scene before = scene_at(whole.path), scene = scene_at(bad.path);
    EXPECT_TRUE(before.labels.bad_rows.empty());
    ASSERT_EQ(scene.labels.bad_rows.size(), 1U);
    const BadRow& row = scene.labels.bad_rows.front();
    EXPECT_EQ(kind_name(row.kind), kind_name(damage.kind));
    EXPECT_NE(row.place.find(damage.place), std::string::npos) << row.place;
    EXPECT_TRUE(fs::is_regular_file(row.file)) << row.file;
    EXPECT_FALSE(row.found.empty() || row.expected.empty());
    if (!std::string_view(damage.example).starts_with("kitti_tracklets") && damage.kind != Kind::second_row) {
      EXPECT_EQ(scene.frames.size(), before.frames.size());
    }
    if (damage.labels_less >= 0) {
      EXPECT_EQ(label_count(scene) + static_cast<std::size_t>(damage.labels_less), label_count(before));
    }
  }
}

/// Equal as JSON or XML, not in its blanks.
bool is_made_anew(Format format) {
  return format == Format::sweepmark_json || format == Format::coco || format == Format::bdd100k ||
         format == Format::datumaro || format == Format::cvat_video;
}

TEST(BadRows, TheyGoBackAsTheyWere) {
  for (const Damage& damage : damages) {
    SCOPED_TRACE(std::string(damage.example) + " with " + std::string(damage.with));
    const Example bad = damaged(damage);
    const Scene scene = scene_at(bad.path);
    if (!has_label_writer(scene.format)) {
      EXPECT_EQ(left_out_rows(scene, Format::sweepmark_json).size(), 1U);
      continue;
    }
    EXPECT_TRUE(left_out_rows(scene, scene.format).empty());
    const TemporaryFolder folder;
    const fs::path out = written(scene, scene.labels, folder.path());
    const Scene again = scene_at(out);
    expect_same_rows(again.labels.bad_rows, scene.labels.bad_rows);
    // Scale's times are in its frames, which are not written.
    if (scene.format != Format::scale) {
      EXPECT_EQ(first_difference(again.labels, scene.labels), "");
      EXPECT_EQ(again.labels.bad_rows[0].timestamp, scene.labels.bad_rows[0].timestamp);
    }
    // Where a format keeps texts, what is written of what was read is the same to the last byte.
    if (is_made_anew(scene.format)) continue;
    const auto old_files = files_at(bad.path), new_files = files_at(out);
    for (const auto& [name, content] : new_files) {
      const auto old = old_files.find(name);
      if (old == old_files.end() || old->second.find(damage.with) == std::string::npos) continue;
      const std::string& before = old->second;
      EXPECT_EQ(content, before.ends_with("\n") == content.ends_with("\n") ? before : before + "\n") << name;
    }
  }
}

TEST(BadRows, TheyStayWhenOtherRowsChange) {
  for (const Damage& damage : damages) {
    SCOPED_TRACE(std::string(damage.example) + " with " + std::string(damage.with));
    const Example bad = damaged(damage);
    const Scene scene = scene_at(bad.path);
    if (!has_label_writer(scene.format) || label_count(scene) == 0) continue;
    // The first label moves.
    LabelSet labels = scene.labels;
    const auto cuboids = std::ranges::find_if(labels.tracks, [](const Track& t) { return !t.keyframes.empty(); });
    const auto boxes = std::ranges::find_if(
        labels.image_tracks, [](const ImageTrack& t) { return !t.keyframes.empty() && t.keyframes.front().value.box; });
    if (cuboids != labels.tracks.end()) {
      cuboids->keyframes.front().cuboid.center.x += 0.5;
    } else if (boxes != labels.image_tracks.end()) {
      boxes->keyframes.front().value.box->right += 1;
    } else {
      labels.image_tracks.pop_back();
    }
    const TemporaryFolder folder;
    const Scene again = scene_at(written(scene, labels, folder.path()));
    expect_same_rows(again.labels.bad_rows, scene.labels.bad_rows);
  }
}

TEST(BadRows, AStoreKnowsThoseOfItsDataset) {
  const Example bad = damaged(damages[3]);
  const Scene scene = scene_at(bad.path);
  ASSERT_EQ(scene.labels.bad_rows.size(), 1U);
  const TemporaryFolder folder;
  const fs::path store = folder.path() / "a.sweepmark";
  EXPECT_TRUE(left_out_rows(scene, Format::sweepmark_store).empty());
  const auto made = write_scene(scene, scene.labels, Format::sweepmark_store, store);
  ASSERT_TRUE(made) << made.error().message;
  const Scene again = scene_at(store);
  expect_same_rows(again.labels.bad_rows, scene.labels.bad_rows);
  EXPECT_EQ(again.labels.bad_rows.at(0).file, fs::absolute(scene.labels.bad_rows[0].file));
  EXPECT_EQ(left_out_rows(again, Format::coco).size(), 1U);
  EXPECT_TRUE(left_out_rows(again, Format::mot).empty());
}

TEST(BadRows, AConversionToAnotherFormatListsThem) {
  const Example bad = damaged(damages[3]);
  const Conversion to_coco = prepare_conversion(scene_at(bad.path), Format::coco);
  EXPECT_EQ(to_coco.left_out_rows.size(), 1U);
  EXPECT_FALSE(to_coco.is_exact());
  EXPECT_TRUE(prepare_conversion(scene_at(bad.path), Format::mot).left_out_rows.empty());
}

/// The table with row `i` changed; `added`: with a copy of it behind the others.
FeatherTable changed(const FeatherTable& table, std::size_t i, std::vector<std::pair<std::string, std::string>> values,
                     bool added) {
  std::vector<FeatherTable::NewRow> rows;
  for (std::size_t r = 0; r < table.rows(); ++r) {
    rows.push_back({r, {}});
    if (r == i && !added) rows.back().values = values;
  }
  if (added) rows.push_back({i, values});
  auto made = table.with_rows(rows);
  EXPECT_TRUE(made) << made.error().message;
  return *std::move(made);
}

TEST(BadRows, OfArgoverse2AreFindings) {
  const auto table = FeatherTable::read(fs::path(SWEEPMARK_CORPUS) / "av2_feather/annotations_zstd.feather");
  ASSERT_TRUE(table) << table.error().message;
  struct Case {
    std::vector<std::pair<std::string, std::string>> values;
    bool added;
    Kind kind;
  };
  for (const auto& [values, added, kind] :
       {Case{{{"length_m", "-1"}}, false, Kind::size}, Case{{{"qw", "3"}}, false, Kind::rotation},
        Case{{{"tx_m", "nan"}}, false, Kind::not_finite}, Case{{{"category", "BUS"}}, true, Kind::second_row}}) {
    const TemporaryFolder folder;
    const fs::path log = folder.path() / "log";
    fs::create_directories(log);
    const FeatherTable bad = changed(*table, 1, values, added);
    ASSERT_TRUE(bad.write(log / "annotations.feather"));
    const Scene scene = scene_at(log);
    ASSERT_EQ(scene.labels.bad_rows.size(), 1U);
    EXPECT_EQ(scene.labels.bad_rows[0].kind, kind);
    EXPECT_EQ(scene.labels.bad_rows[0].place, added ? "row " + std::to_string(table->rows()) : "row 1");
    EXPECT_EQ(label_count(scene), bad.rows() - 1);
    // Changed elsewhere, it stays.
    LabelSet labels = scene.labels;
    labels.tracks[0].keyframes[0].cuboid.center.x += 1;
    const Scene again = scene_at(written(scene, labels, folder.path()));
    expect_same_rows(again.labels.bad_rows, scene.labels.bad_rows);
    EXPECT_EQ(label_count(again), bad.rows() - 1);
  }
}

TEST(BadRows, OneInARealLogOfArgoverse2LeavesAllOthers) {
  SWEEPMARK_NEED_DATA(logs, "argoverse2/sensor/val");
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(logs)) files.push_back(entry.path());
  std::ranges::sort(files);
  const fs::path real = files.front();
  const auto table = FeatherTable::read(real / "annotations.feather");
  ASSERT_TRUE(table) << table.error().message;
  const TemporaryFolder folder;
  fs::create_directories(folder.path() / "log");
  fs::copy_file(real / "city_SE3_egovehicle.feather", folder.path() / "log/city_SE3_egovehicle.feather");
  ASSERT_TRUE(changed(*table, 100, {{"width_m", "0"}}, false).write(folder.path() / "log/annotations.feather"));
  const Scene scene = scene_at(folder.path() / "log");
  EXPECT_EQ(scene.labels.bad_rows.size(), 1U);
  EXPECT_EQ(label_count(scene), table->rows() - 1);
  const Scene again = scene_at(written(scene, scene.labels, folder.path()));
  expect_same_rows(again.labels.bad_rows, scene.labels.bad_rows);
  EXPECT_EQ(first_difference(again.labels, scene.labels), "");
}

TEST(KeptRows, WhatIsNotShownIsCounted) {
  struct Case {
    const char *example, *file, *note;
  };
  for (const auto& [example, file, note] :
       {Case{"kitti_object/frame.txt", "", "1 DontCare rows are kept"},
        Case{"coco/sample.json", "f.json", "1 annotations without a shape are kept"},
        Case{"bdd100k/sample.json", "f.json", "1 labels without a shape in the image are kept"}}) {
    const Scene scene = scene_of(example, file);
    EXPECT_TRUE(std::ranges::any_of(scene.notes, [&](const std::string& n) { return n.starts_with(note); })) << note;
  }
}

}  // namespace
}  // namespace sweepmark::testing_support
