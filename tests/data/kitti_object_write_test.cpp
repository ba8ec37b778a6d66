// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <map>

#include "data/conversion.h"
#include "data/formats/kitti_camera.h"
#include "data/formats/text.h"
#include "data/image_file.h"
#include "data/point_cloud.h"
#include "kernels/math/rigid.h"
#include "tests/data/files.h"
#include "tests/data/random_scene.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;

constexpr const char* calibration =
    "P0: 721.5377 0 609.5593 0 0 721.5377 172.854 0 0 0 1 0\n"
    "P2: 721.5377 0 609.5593 44.85728 0 721.5377 172.854 0.2163791 0 0 1 0.002745884\n"
    "R0_rect: 1 0 0 0 1 0 0 0 1\n"
    "Tr_velo_to_cam: 0 -1 0 -0.01 0 0 -1 -0.08 1 0 0 -0.27\n";

/// A camera that looks ahead, upright, 1 m in front of the vehicle's origin.
Sensor camera_ahead(int width = 1000, int height = 500) {
  return {.name = "front",
          .kind = SensorKind::camera,
          .ego_from_sensor = {{0.5, -0.5, 0.5, -0.5}, {1, 0, 0}},
          .camera = CameraIntrinsics{500, 500, 500, 250, width, height, "pinhole", {}}};
}

Cuboid car(Vec3d center, double yaw = 0, Vec3d size = {4, 2, 1.5}) { return {center, size, quat_from_yaw(yaw)}; }

/// One frame with these cuboids, a track each.
Scene scene_of(const std::vector<Cuboid>& cuboids, std::vector<Sensor> sensors) {
  Scene scene;
  scene.format = Format::points;
  scene.name = "made";
  scene.sensors = std::move(sensors);
  scene.frames = {{0, {}, {}, {}}};
  for (const Cuboid& cuboid : cuboids)
    scene.labels.tracks.push_back(
        {.id = std::to_string(scene.labels.tracks.size()),
         .class_name = "Car",
         .attributes = {},
         .keyframes = {{.timestamp = 0, .cuboid = cuboid, .stored_count = {}, .attributes = {}}},
         .absences = {}});
  return scene;
}

/// Writes what KITTI can hold and gives the rows of frame 0.
std::vector<std::vector<std::string>> rows_of(const Scene& scene, const fs::path& out) {
  const Conversion conversion = prepare_conversion(scene, Format::kitti_object);
  const auto written = write(conversion, out);
  EXPECT_TRUE(written.has_value()) << written.error().message;
  std::vector<std::vector<std::string>> rows;
  const std::string text = content_of(out / "label_2/000000.txt");
  for (const Line& line : lines_of(text)) {
    rows.emplace_back();
    for (const std::string_view word : words_of(line.text)) rows.back().emplace_back(word);
  }
  return rows;
}

std::array<double, 4> box_in(const std::vector<std::string>& row) {
  return {std::stod(row[4]), std::stod(row[5]), std::stod(row[6]), std::stod(row[7])};
}

TEST(KittiObjectWrite, BoxTruncationAndAngleOfACarAheadAreThoseComputedByHand) {
  const TemporaryFolder folder;
  // Rear face 9 m before the camera, 2 m wide, 1.5 m high: 500 / 9 pixels a metre.
  const auto rows = rows_of(scene_of({car({12, 0, 0})}, {camera_ahead()}), folder.path() / "out");
  ASSERT_EQ(rows.size(), 1U);
  ASSERT_EQ(rows[0].size(), 15U);
  const double half_width = 500 / 9.0, half_height = 0.75 * 500 / 9;
  const auto box = box_in(rows[0]);
  EXPECT_NEAR(box[0], 500 - half_width, 0.006);
  EXPECT_NEAR(box[1], 250 - half_height, 0.006);
  EXPECT_NEAR(box[2], 500 + half_width, 0.006);
  EXPECT_NEAR(box[3], 250 + half_height, 0.006);
  EXPECT_EQ(rows[0][1], "0.00");
  EXPECT_EQ(rows[0][2], "0");
  EXPECT_NEAR(std::stod(rows[0][3]), -1.5707963, 1e-6) << "seen from behind";
  constexpr std::array<double, 7> numbers = {1.5, 2, 4, 0, 0.75, 11, -1.570796};
  for (std::size_t k = 0; k < numbers.size(); ++k) EXPECT_NEAR(std::stod(rows[0][8 + k]), numbers[k], 1e-6) << k;
}

TEST(KittiObjectWrite, WhatIsCutByTheImageIsTruncatedAndWhatIsBehindHasNoBox) {
  const TemporaryFolder folder;
  // Half of a face 10 m before the camera is left of the image: x = 10 m there is pixel 0.
  const auto rows =
      rows_of(scene_of({car({11, 10, 0}, 0, {0.001, 2, 2}), car({-20, 0, 0}), car({1.5, 0, 0})}, {camera_ahead()}),
              folder.path() / "out");
  ASSERT_EQ(rows.size(), 3U) << "no label is left out";
  EXPECT_NEAR(std::stod(rows[0][1]), 0.5, 0.02);
  EXPECT_EQ(box_in(rows[0])[0], 0);
  EXPECT_EQ(box_in(rows[1]), (std::array<double, 4>{-1, -1, -1, -1}));
  EXPECT_EQ(rows[1][1], "1.00");
  EXPECT_EQ(rows[1][2], "3") << "not known";
  // Around the camera: what is before it fills the image.
  EXPECT_EQ(box_in(rows[2]), (std::array<double, 4>{0, 0, 999, 499}));
}

TEST(KittiObjectWrite, WhatIsBehindNearerLabelsIsOccluded) {
  const CameraIntrinsics camera{500, 500, 500, 250, 1000, 500, "pinhole", {}};
  const auto at = [](double x, double z) { return Cuboid{{x, 0, z}, {2, 2, 2}, {}}; };
  // 5 m before each other: all of the far one is hidden, a third, nothing.
  for (const auto& [aside, expected] : {std::pair{0.0, 2}, {1.9, 1}, {2.9, 0}, {8.0, 0}}) {
    const std::array<Cuboid, 2> cuboids = {at(aside, 15), at(0, 10)};
    const auto seen = kitti::look_at(camera, cuboids);
    EXPECT_EQ(seen[0].occluded, expected) << aside;
    EXPECT_EQ(seen[1].occluded, 0) << "nothing is before the near one";
  }
}

TEST(KittiObjectWrite, BoxesAreThoseOfAllCornersProjectedWithTheWrittenCalibration) {
  const Scene scene = random_labelled_scene();
  const TemporaryFolder folder;
  const fs::path out = folder.path() / "out";
  const Conversion conversion = prepare_conversion(scene, Format::kitti_object);
  ASSERT_TRUE(write(conversion, out));
  std::size_t compared = 0;
  for (std::size_t f = 0; f < scene.frames.size(); ++f) {
    const std::string name = fmt::format("{:06}.txt", f);
    const std::string calib = content_of(out / "calib" / name), labels = content_of(out / "label_2" / name);
    std::vector<double> p2;
    for (const Line& line : lines_of(calib)) {
      if (line.text.starts_with("P2:")) p2 = *parse_numbers(line.text.substr(3), 12, "P2");
    }
    ASSERT_EQ(p2.size(), 12U);
    for (const Line& line : lines_of(labels)) {
      const auto words = words_of(line.text);
      const auto v = *parse_numbers(line.text.substr(words[0].size()), 14, "row");
      // The development kit's computeBox3D: corners from h w l, x y z at the bottom, turned about y.
      std::array<double, 4> box = {1e9, 1e9, -1e9, -1e9};
      bool is_before = true;
      for (int corner = 0; corner < 8; ++corner) {
        const double x = (corner & 1 ? 0.5 : -0.5) * v[9], y = corner & 2 ? -v[7] : 0,
                     z = (corner & 4 ? 0.5 : -0.5) * v[8];
        const double c = std::cos(v[13]), s = std::sin(v[13]);
        const double px = c * x + s * z + v[10], py = y + v[11], pz = -s * x + c * z + v[12];
        is_before = is_before && pz > 0.1;
        const double u = (p2[0] * px + p2[2] * pz) / pz, w = (p2[5] * py + p2[6] * pz) / pz;
        box = {std::min(box[0], u), std::min(box[1], w), std::max(box[2], u), std::max(box[3], w)};
      }
      if (!is_before || v[3] < 0) continue;
      const std::array<double, 4> image = {0, 0, 1279, 719};
      for (std::size_t k = 0; k < 4; ++k) {
        const double cut = std::clamp(box[k], image[k % 2], image[k % 2 + 2]);
        EXPECT_NEAR(v[3 + k], cut, 0.02) << line.text;
      }
      ++compared;
    }
  }
  EXPECT_GT(compared, 3U);
}

TEST(KittiObjectWrite, LabelsOfEveryFrameComeBackWithPointsAndImages) {
  const TemporaryFolder folder;
  Scene scene = random_labelled_scene();
  for (std::size_t f = 0; f < scene.frames.size(); ++f) {
    const fs::path sweep = folder.path() / ("sweep" + std::to_string(f) + ".bin");
    const std::array<float, 8> points = {10, 1, 0.5F, 0.25F, -3, 4, -1, 0.75F};
    write_content(sweep, {reinterpret_cast<const char*>(points.data()), sizeof points});
    scene.frames[f].sweeps.push_back(static_cast<std::uint32_t>(scene.sweeps.size()));
    scene.sweeps.push_back({0, scene.frames[f].timestamp, sweep, PointFileKind::kitti_bin,
                            scene.frames[f].world_from_ego * scene.sensors[0].ego_from_sensor});
    const fs::path image = folder.path() / ("image" + std::to_string(f) + ".png");
    ASSERT_TRUE(write_png({4, 2, std::vector<std::uint8_t>(32, 255)}, image));
    scene.frames[f].images.push_back(static_cast<std::uint32_t>(scene.images.size()));
    scene.images.push_back({1, scene.frames[f].timestamp, image, {}, 1280, 720});
  }
  const Conversion conversion = prepare_conversion(scene, Format::kitti_object);
  const fs::path out = folder.path() / "out";
  ASSERT_TRUE(write(conversion, out));
  const auto handles = find_scenes(out);
  ASSERT_TRUE(handles) << handles.error().message;
  ASSERT_EQ(handles->size(), scene.frames.size());
  std::size_t labels = 0;
  for (std::size_t f = 0; f < handles->size(); ++f) {
    const auto again = open_scene((*handles)[f]);
    ASSERT_TRUE(again) << again.error().message;
    ASSERT_EQ(again->sweeps.size(), 1U);
    ASSERT_EQ(again->images.size(), 1U);
    EXPECT_EQ(content_of(again->images[0].file), content_of(scene.images[f].file));
    const auto cloud = read_points(again->sweeps[0]);
    ASSERT_TRUE(cloud) << cloud.error().message;
    ASSERT_EQ(cloud->points.size(), 2U);
    EXPECT_NEAR(cloud->points[0].x, 10, 1e-5);
    EXPECT_EQ(cloud->points[1].intensity, 0.75F);
    EXPECT_LT(norm(again->sensors[0].ego_from_sensor.translation - scene.sensors[0].ego_from_sensor.translation), 1e-9);
    for (const Track& track : conversion.labels.tracks) {
      if (track.keyframes[0].timestamp != scene.frames[f].timestamp) continue;
      ++labels;
      const Cuboid& want = track.keyframes[0].cuboid;
      const auto same = std::ranges::find_if(again->labels.tracks, [&](const Track& t) {
        return norm(t.keyframes[0].cuboid.center - want.center) < 3e-6 &&
               norm(t.keyframes[0].cuboid.size - want.size) < 3e-6 && t.class_name == track.class_name &&
               std::abs(wrap_angle(yaw_of(t.keyframes[0].cuboid.rotation) - yaw_of(want.rotation))) < 2e-6;
      });
      EXPECT_NE(same, again->labels.tracks.end()) << "frame " << f << " track " << track.id;
    }
  }
  EXPECT_EQ(labels, conversion.label_count());
}

TEST(KittiObjectWrite, WhatNobodyChangedIsWrittenBackByteForByteAndAnEditChangesItsRowAlone) {
  const TemporaryFolder folder;
  const std::string rows =
      "Car 0.88 3 -0.69 0.00 192.37 402.31 374.00 1.60 1.57 3.23 -2.70 1.74 3.68 -1.29\n"
      "DontCare -1 -1 -10 0 0 10 10 -1 -1 -1 -1000 -1000 -1000 -10\n"
      "Van 0.00 1 2.04 334.85 178.94 624.50 372.04 1.57 1.50 3.68 -1.17 1.65 7.86 1.90\n";
  write_content(folder.path() / "in/label_2/000008.txt", rows);
  write_content(folder.path() / "in/calib/000008.txt", calibration);
  write_content(folder.path() / "in/velodyne/000008.bin", std::string(16, '\0'));
  Scene scene = scene_at(folder.path() / "in");
  ASSERT_TRUE(write_scene(scene, scene.labels, Format::kitti_object, folder.path() / "same"));
  EXPECT_EQ(files_at(folder.path() / "same"), files_at(folder.path() / "in"));

  scene.labels.tracks[1].keyframes[0].cuboid.center.x += 1;
  scene.labels.tracks.push_back(
      {.id = "new", .class_name = "Truck", .attributes = {}, .keyframes = {}, .absences = {}});
  scene.labels.tracks.back().keyframes = {
      {.timestamp = 0, .cuboid = car({15, 1, -1}), .stored_count = {}, .attributes = {}}};
  ASSERT_TRUE(write_scene(scene, scene.labels, Format::kitti_object, folder.path() / "edited"));
  const std::string text = content_of(folder.path() / "edited/label_2/000008.txt");
  const auto lines = lines_of(text), before = lines_of(rows);
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines[0].text, before[0].text);
  EXPECT_EQ(lines[1].text, before[1].text);
  EXPECT_TRUE(lines[2].text.starts_with("Van 0.00 1 ")) << lines[2].text;
  EXPECT_NE(lines[2].text.find(" 8.860000 "), std::string_view::npos) << lines[2].text;
  EXPECT_TRUE(lines[3].text.starts_with("Truck ")) << lines[3].text;
}

TEST(KittiObjectWrite, WhatIsLostAndWhatIsMadeUpIsListed) {
  const auto listed = [](std::vector<Sensor> sensors) {
    Scene scene = scene_of({car({12, 0, 0})}, std::move(sensors));
    scene.labels.tracks[0].keyframes.push_back(
        {.timestamp = 100'000'000, .cuboid = car({13, 0, 0}), .stored_count = {}, .attributes = {}});
    scene.frames.push_back({100'000'000, {}, {}, {}});
    const Conversion conversion = prepare_conversion(scene, Format::kitti_object);
    std::string names;
    for (const Loss& loss : conversion.losses)
      names += std::string(feature_name(loss.feature)) + " " + std::to_string(loss.count) + ", ";
    for (const Invention& made_up : conversion.inventions) names += std::string(need_name(made_up.need)) + ", ";
    return names;
  };
  EXPECT_EQ(listed({camera_ahead()}), "tracks 1, track ids 1, visibility, ");
  EXPECT_EQ(listed({}), "tracks 1, track ids 1, front camera, visibility, ");
  Sensor bent = camera_ahead();
  bent.camera->distortion = {-0.1, 0.01, 0, 0};
  EXPECT_EQ(listed({bent}), "tracks 1, track ids 1, lens, visibility, ");
  Sensor tilted = camera_ahead();
  tilted.ego_from_sensor.rotation = normalized(tilted.ego_from_sensor.rotation * quat_from_euler(0, 0, 0.02));
  EXPECT_EQ(listed({tilted}), "tracks 1, track ids 1, upright camera, visibility, ");
  Sensor backwards = camera_ahead();
  backwards.ego_from_sensor.rotation = normalized(quat_from_yaw(3.1) * backwards.ego_from_sensor.rotation);
  EXPECT_EQ(listed({backwards}), "tracks 1, track ids 1, front camera, visibility, ") << "looks backwards";
}

TEST(KittiObjectWrite, AClassOfSeveralWordsAndALabelBetweenFramesAreErrors) {
  const TemporaryFolder folder;
  Scene scene = scene_of({car({12, 0, 0})}, {});
  scene.labels.tracks[0].class_name = "Big Car";
  auto written = write_labels(scene, scene.labels, Format::kitti_object, folder.path() / "a");
  ASSERT_FALSE(written);
  expect_words(written.error().message, {"without blanks", "\"Big Car\"", "\"0\""});
  scene.labels.tracks[0].class_name = "Car";
  scene.labels.tracks[0].keyframes[0].timestamp = 7;
  written = write_labels(scene, scene.labels, Format::kitti_object, folder.path() / "b");
  ASSERT_FALSE(written);
  expect_words(written.error().message, {"KITTI", "7", "b"});
}

}  // namespace
}  // namespace sweepmark::testing_support
