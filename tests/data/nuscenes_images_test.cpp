// SPDX-License-Identifier: Apache-2.0
//
// object_ann.json and surface_ann.json: nuImages, and T4 beside its cuboids.
#include "data/formats/nuscenes_images.h"

#include <fmt/format.h>

#include <map>

#include "data/conversion.h"
#include "data/scene_in_store.h"
#include "data/write_labels.h"
#include "geometry/mask_convert.h"
#include "tests/data/files.h"
#include "tests/data/findings.h"
#include "tests/support/python.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t width = 6, height = 4;

std::string base64(std::string_view bytes) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k)
      bits = bits << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k) text += i + k <= bytes.size() ? alphabet[bits >> (18 - 6 * k) & 63] : '=';
  }
  return text;
}

/// Pixels of columns 1 to 3 in row 1, and column 3 in row 2.
Mask example_mask() {
  std::vector<std::uint8_t> pixels(std::size_t{width} * height, 0);
  for (const std::size_t at : {7, 8, 9, 15}) pixels[at] = 1;
  return from_bitmap(width, height, pixels);
}

/// As nuImages writes it, and as T4 does: the same pixels, runs along the rows.
std::string nuimages_mask() {
  return fmt::format(R"({{"size": [{}, {}], "counts": "{}"}})", height, width, base64(to_coco_text(example_mask())));
}
std::string t4_mask() {
  std::vector<std::uint8_t> turned(std::size_t{width} * height, 0);
  const auto pixels = to_bitmap(example_mask());
  for (std::size_t r = 0; r < height; ++r) {
    for (std::size_t c = 0; c < width; ++c) turned[c * height + r] = pixels[r * width + c];
  }
  return fmt::format(R"({{"size": [{}, {}], "counts": "{}"}})", width, height,
                     base64(to_coco_text(from_bitmap(height, width, turned))));
}

using Tables = std::map<std::string, std::string>;

/// Two cameras, of which the second has the second log's image.
Tables common_tables() {
  return {
      {"sensor",
       R"([{"token": "s0", "channel": "CAM_FRONT", "modality": "camera"}, {"token": "s1", "channel": "CAM_BACK", "modality": "camera"}])"},
      {"calibrated_sensor",
       R"([{"token": "c0", "sensor_token": "s0", "translation": [0, 0, 1], "rotation": [1, 0, 0, 0], "camera_intrinsic": []},
        {"token": "c1", "sensor_token": "s1", "translation": [0, 0, 1], "rotation": [1, 0, 0, 0], "camera_intrinsic": []}])"},
      {"ego_pose", R"([{"token": "e0", "timestamp": 1000, "translation": [0, 0, 0], "rotation": [1, 0, 0, 0]}])"},
      {"category",
       R"([{"token": "k0", "name": "vehicle.car", "description": ""}, {"token": "k1", "name": "flat.driveable_surface", "description": ""}])"},
      {"attribute",
       R"([{"token": "a0", "name": "vehicle.moving", "description": ""}, {"token": "a1", "name": "vehicle_light.emergency.flashing", "description": ""}])"}};
}

Tables nuimages_tables() {
  Tables tables = common_tables();
  tables["log"] = R"([{"token": "l0", "logfile": "drive-a"}, {"token": "l1", "logfile": "drive-b"}])";
  tables["sample"] = R"([{"token": "p0", "log_token": "l0", "timestamp": 1000, "key_camera_token": "d0"},
    {"token": "p1", "log_token": "l1", "timestamp": 1500, "key_camera_token": "d2"}])";
  const auto data = [](const char* token, const char* sample, const char* calibration, int time, const char* is_key) {
    return fmt::format(
        R"({{"token": "{}", "sample_token": "{}", "ego_pose_token": "e0", "calibrated_sensor_token": "{}", "filename": "samples/{}.jpg",
      "fileformat": "jpg", "width": {}, "height": {}, "timestamp": {}, "is_key_frame": {}, "next": "", "prev": ""}})",
        token, sample, calibration, token, width, height, time, is_key);
  };
  tables["sample_data"] = fmt::format("[{}, {}, {}]", data("d0", "p0", "c0", 1000, "true"),
                                      data("d1", "p0", "c0", 1100, "false"), data("d2", "p1", "c1", 1500, "true"));
  tables["object_ann"] = fmt::format(
      R"([{{"token": "o0", "sample_data_token": "d0", "category_token": "k0", "attribute_tokens": ["a0", "a1"], "bbox": [1, 1, 4, 3], "mask": {}}},
        {{"token": "o1", "sample_data_token": "d2", "category_token": "k0", "attribute_tokens": [], "bbox": [0, 0, 6, 4], "mask": null}}])",
      nuimages_mask());
  tables["surface_ann"] = fmt::format(
      R"([{{"token": "u0", "sample_data_token": "d0", "category_token": "k1", "mask": {}}},
        {{"token": "u1", "sample_data_token": "d0", "category_token": "k1", "mask": null}}])",
      nuimages_mask());
  return tables;
}

fs::path write_tables(const fs::path& root, const Tables& tables, const char* folder = "v1.0-mini") {
  for (const auto& [name, text] : tables) write_content(root / folder / (name + ".json"), text);
  return root;
}

TEST(NuImages, ALogIsASceneWhoseAnnotatedImagesAreItsFrames) {
  const TemporaryFolder folder;
  write_tables(folder.path(), nuimages_tables());
  const auto handles = find_scenes(folder.path());
  ASSERT_TRUE(handles) << handles.error().message;
  ASSERT_EQ(handles->size(), 2U);
  const Scene scene = scene_at(folder.path(), "drive-a");
  EXPECT_EQ(scene.format, Format::nuimages);
  ASSERT_EQ(scene.images.size(), 2U) << "the one behind it too";
  ASSERT_EQ(scene.frames.size(), 1U);
  EXPECT_EQ(scene.frames[0].timestamp, 1'000'000);
  EXPECT_EQ(scene.images[0].file, folder.path() / "samples/d0.jpg");
  const auto& tracks = scene.labels.image_tracks;
  ASSERT_EQ(tracks.size(), 2U);
  EXPECT_EQ(tracks[0].camera, "CAM_FRONT");
  EXPECT_EQ(tracks[0].class_name, "vehicle.car");
  EXPECT_EQ(*tracks[0].keyframes[0].value.box, (ImageBox{1, 1, 4, 3}));
  EXPECT_EQ(*tracks[0].keyframes[0].value.mask, example_mask());
  EXPECT_EQ(tracks[0].keyframes[0].attributes,
            (Attributes{{"vehicle", "moving"}, {"vehicle_light.emergency", "flashing"}}));
  EXPECT_EQ(tracks[1].class_name, "flat.driveable_surface");
  EXPECT_EQ(*tracks[1].keyframes[0].value.mask, example_mask());
  ASSERT_EQ(scene.notes.size(), 1U);
  EXPECT_EQ(scene.notes[0], "1 surfaces without a mask are not shown");
  EXPECT_EQ(scene_at(folder.path(), "drive-b").labels.image_tracks[0].camera, "CAM_BACK");
}

TEST(NuImages, ItsDevkitReadsTheSameLabels) {
  SWEEPMARK_NEED_PYTHON("nuimages");
  const TemporaryFolder folder;
  Tables tables = nuimages_tables();
  replace(tables["sample"], "\"log_token\": \"l1\"", "\"log_token\": \"l0\"");  // one scene of all
  write_tables(folder.path(), tables);
  const Scene scene = scene_at(folder.path());
  const fs::path ours = folder.path() / "ours.sweepmark.json";
  ASSERT_TRUE(write_labels(scene, scene.labels, Format::sweepmark_json, ours));
  const PythonRun run = run_python("compare_nuimages.py", {folder.path().string(), "v1.0-mini", ours.string()});
  EXPECT_EQ(run.status, 0) << run.output;
  expect_words(run.output, {"3 annotations equal"});
}

TEST(NuImages, DamageIsNamedByTableRecordAndField) {
  const auto problem = [](const char* table, std::string_view what, std::string_view with) {
    const TemporaryFolder folder;
    Tables tables = nuimages_tables();
    replace(tables[table], what, with);
    return first_problem_at(write_tables(folder.path(), tables));
  };
  EXPECT_EQ(problem("object_ann", "o0", "o0"), "");
  expect_words(problem("object_ann", "[1, 1, 4, 3]", "[4, 1, 1, 3]"), {"record 0", "got width -3", "object_ann.json"});
  expect_words(problem("object_ann", "\"k0\"", "\"k9\""), {"record 0", "/category_token", "\"k9\""});
  expect_words(problem("object_ann", "\"a1\"", "\"a9\""), {"record 0", "/attribute_tokens/1", "\"a9\""});
  expect_words(problem("object_ann", "\"size\": [4, 6]", "\"size\": [4, 5]"), {"record 0", "/mask/size", "6 x 4"});
  expect_words(problem("surface_ann", "\"counts\": \"", "\"counts\": \"!"), {"record 0", "/mask/counts", "'!'"});
  expect_words(problem("surface_ann", "\"counts\": \"", "\"counts\": \"AAAA"), {"record 0", "/mask/counts", "runs"});
  expect_words(problem("sample_data", "\"c0\"", "\"c9\""), {"calibrated_sensor_token", "\"c9\"", "sample_data.json"});
  expect_words(problem("sample", "\"l1\"", "\"l9\""), {"\"l9\"", "log.json"});
}

/// A sample with a camera; its object has an instance, and a mask that says width before height.
Tables t4_tables() {
  Tables tables = common_tables();
  tables["scene"] =
      R"([{"token": "n0", "name": "t4", "log_token": "", "nbr_samples": 1, "first_sample_token": "p0", "last_sample_token": "p0"}])";
  tables["sample"] = R"([{"token": "p0", "timestamp": 1000, "scene_token": "n0", "next": "", "prev": ""},
    {"token": "p1", "timestamp": 2000, "scene_token": "n0", "next": "", "prev": ""}])";
  tables["sample_data"] = R"([)";
  for (const auto& [token, sample, time] : {std::tuple{"d0", "p0", 1000}, {"d1", "p1", 2000}}) {
    tables["sample_data"] += fmt::format(
        R"({}{{"token": "{}", "sample_token": "{}", "ego_pose_token": "e0", "calibrated_sensor_token": "c0", "filename": "data/CAM/{}.jpg",
      "fileformat": "jpg", "width": {}, "height": {}, "timestamp": {}, "is_key_frame": true, "next": "", "prev": ""}})",
        time == 1000 ? "" : ", ", token, sample, token, width, height, time);
  }
  tables["sample_data"] += "]";
  tables["sample_annotation"] = tables["instance"] = "[]";
  const auto object = [](const char* token, const char* data, const std::string& mask) {
    return fmt::format(
        R"({{"token": "{}", "sample_data_token": "{}", "instance_token": "i7", "category_token": "k0", "attribute_tokens": [],
      "bbox": [1, 1, 4, 3], "mask": {}, "orientation": 1.5, "number": null, "automatic_annotation": false}})",
        token, data, mask);
  };
  const std::string empty =
      fmt::format(R"({{"size": [6, 4], "counts": "{}"}})", base64(to_coco_text(Mask(height, width))));
  tables["object_ann"] = fmt::format("[{}, {}]", object("o1", "d1", empty), object("o0", "d0", t4_mask()));
  tables["surface_ann"] = "[]";
  return tables;
}

TEST(T4Tables, LabelsInImagesAreTracksOfTheirInstancesBesideTheCuboids) {
  const TemporaryFolder folder;
  const Scene scene = scene_at(write_tables(folder.path(), t4_tables(), "annotation"));
  EXPECT_EQ(scene.format, Format::nuscenes);
  EXPECT_EQ(scene.images[0].file, folder.path() / "data/CAM/d0.jpg") << "T4's two folders";
  ASSERT_EQ(scene.labels.image_tracks.size(), 1U);
  const ImageTrack& track = scene.labels.image_tracks[0];
  EXPECT_EQ(track.id, "i7");
  ASSERT_EQ(track.keyframes.size(), 2U);
  EXPECT_EQ(track.keyframes[0].timestamp, 1'000'000);
  EXPECT_EQ(*track.keyframes[0].value.mask, example_mask()) << "runs along the rows";
  EXPECT_FALSE(track.keyframes[1].value.mask) << "a mask without pixels says nothing";
  EXPECT_EQ(*track.keyframes[1].value.box, (ImageBox{1, 1, 4, 3}));
  EXPECT_EQ(track.keyframes[0].attributes, (Attributes{{"orientation", "1.5"}}));
}

TEST(T4Tables, EditsOfLabelsInImagesAreListedAsLostInItsOwnTables) {
  const TemporaryFolder folder;
  Scene scene = scene_at(write_tables(folder.path(), t4_tables()));
  const LabelSet labels = scene.labels;
  put_labels(scene, labels, folder.path() / "a.sweepmark");
  EXPECT_TRUE(prepare_conversion(scene, Format::nuscenes).is_exact()) << "nothing is edited";
  LabelSet edited = labels;
  edited.image_tracks[0].keyframes[1].value.box->right += 1;
  put_labels(scene, edited, folder.path() / "a.sweepmark");
  const Conversion conversion = prepare_conversion(scene, Format::nuscenes);
  ASSERT_EQ(conversion.losses.size(), 1U);
  EXPECT_EQ(conversion.losses[0].feature, Feature::image_labels);
  EXPECT_EQ(conversion.losses[0].count, 1U);
  EXPECT_EQ(prepare_conversion(scene, Format::coco).labels.image_tracks[0].keyframes[1].value.box->right, 5);
}

TEST(T4Tables, InOtherFormatsAnImageIsAtItsFrame) {
  // Cameras have times of their own there, which formats with labels at frames do not hold.
  const TemporaryFolder folder;
  Tables tables = t4_tables();
  replace(tables["sample_data"], "\"timestamp\": 1000", "\"timestamp\": 1040");
  replace(tables["sample_data"], "\"timestamp\": 2000", "\"timestamp\": 1990");
  const Scene scene = scene_at(write_tables(folder.path(), tables));
  EXPECT_EQ(scene.labels.image_tracks[0].keyframes[0].timestamp, 1'040'000);
  for (const Format format : {Format::coco, Format::cvat_video}) {
    const Conversion conversion = prepare_conversion(scene, format);
    for (const Loss& loss : conversion.losses) EXPECT_NE(loss.feature, Feature::off_frame_labels) << loss.what;
    const fs::path out = folder.path() / ("out" + std::string(scene_extension(format)));
    const auto written = write(conversion, out);
    ASSERT_TRUE(written) << written.error().message;
    const Scene again = scene_at(out);
    ASSERT_EQ(again.labels.image_tracks.size(), 1U);
    EXPECT_EQ(again.labels.image_tracks[0].keyframes.size(), 2U);
  }
}

}  // namespace
}  // namespace sweepmark::testing_support
