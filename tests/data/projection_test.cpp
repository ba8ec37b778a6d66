// SPDX-License-Identifier: Apache-2.0
//
// Where a cuboid lies in an image, beside what the dataset's own development kit draws there. The overlay is right to
// half a pixel in every camera, near the borders too.
#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>

#include "data/synth/write_dataset.h"
#include "kernels/math/rigid.h"
#include "tests/data/files.h"
#include "tests/support/python.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;

std::optional<Vec2d> pixel_of(const Scene& scene, const ImageRef& image, Vec3d in_world) {
  const auto& camera = scene.sensors[image.sensor].camera;
  return camera ? project(*camera, inverse(image.world_from_sensor) * in_world) : std::nullopt;
}

/// The eight corners in each image of every label at the image's frame: null where the camera cannot see one.
nlohmann::json boxes_in_images(const Scene& scene) {
  nlohmann::json boxes = nlohmann::json::array();
  for (std::size_t f = 0; f < scene.frames.size(); ++f) {
    const Frame& frame = scene.frames[f];
    for (const std::uint32_t index : frame.images) {
      const ImageRef& image = scene.images[index];
      for (const Track& track : scene.labels.tracks) {
        const auto key = std::ranges::find(track.keyframes, frame.timestamp, &Keyframe::timestamp);
        if (key == track.keyframes.end()) continue;
        nlohmann::json corners = nlohmann::json::array();
        for (int corner = 0; corner < 8; ++corner) {
          const Vec3d local{(corner & 1 ? 0.5 : -0.5) * key->cuboid.size.x,
                            (corner & 2 ? 0.5 : -0.5) * key->cuboid.size.y,
                            (corner & 4 ? 0.5 : -0.5) * key->cuboid.size.z};
          const auto pixel = pixel_of(scene, image, Pose{key->cuboid.rotation, key->cuboid.center} * local);
          corners.push_back(pixel ? nlohmann::json{pixel->x, pixel->y} : nlohmann::json());
        }
        boxes.push_back({{"camera", scene.sensors[image.sensor].name},
                         {"image", image.file.string()},
                         {"image_ns", image.timestamp},
                         {"frame", f},
                         {"frame_ns", frame.timestamp},
                         {"track", track.id},
                         {"source_row", key->source_row},
                         {"corners", corners}});
      }
    }
  }
  return boxes;
}

/// Runs the script that draws the same boxes by the development kit's rules; it fails where a corner is off.
PythonRun compare(const Scene& scene, const std::string& kind, const fs::path& root, const fs::path& work) {
  write_content(work / "boxes.json", boxes_in_images(scene).dump());
  return run_python("compare_projection.py", {kind, root.string(), (work / "boxes.json").string()});
}

TEST(Projection, Argoverse2sImagesAreUndistortedAsItsDevkitTakesThem) {
  SWEEPMARK_NEED_DATA(log, "cases/meaning/av2_undistorted");
  SWEEPMARK_NEED_PYTHON("av2");
  const TemporaryFolder work;
  const Scene scene = scene_at(log);
  const PythonRun run = compare(scene, "argoverse2", log, work.path());
  EXPECT_EQ(run.status, 0) << run.output;
  // The car near the border: u 47 to 220, v 198 to 333.
  const auto corners = boxes_in_images(scene)[0]["corners"];
  double left = 1e9, right = -1e9;
  for (const auto& c : corners) left = std::min(left, c[0].get<double>()), right = std::max(right, c[0].get<double>());
  EXPECT_NEAR(left, 47, 1);
  EXPECT_NEAR(right, 220, 1);
}

TEST(Projection, KittisSecondAndThirdCameraStandBesideTheFirst) {
  SWEEPMARK_NEED_DATA(root, "cases/meaning/kitti_second_camera");
  SWEEPMARK_NEED_PYTHON("numpy");
  const TemporaryFolder work;
  const Scene scene = scene_at(root);
  ASSERT_EQ(scene.images.size(), 2U);
  const PythonRun run = compare(scene, "kitti_object", root, work.path());
  EXPECT_EQ(run.status, 0) << run.output;
}

TEST(Projection, ARealKittiSequenceIsDrawnAsItsDevkitDraws) {
  SWEEPMARK_NEED_DATA(root, "kitti_tracking/training");
  SWEEPMARK_NEED_PYTHON("numpy");
  const TemporaryFolder work;
  const PythonRun run = compare(scene_at(root, "0000"), "kitti_tracking", root, work.path());
  EXPECT_EQ(run.status, 0) << run.output;
}

TEST(Projection, PandasetsSixCamerasAreDrawnAsItsDevkitDraws) {
  SWEEPMARK_NEED_DATA(root, "pandaset_002");
  SWEEPMARK_NEED_PYTHON("numpy");
  const TemporaryFolder work;
  const PythonRun run = compare(scene_at(root), "pandaset", root, work.path());
  EXPECT_EQ(run.status, 0) << run.output;
}

/// An OpenLABEL file of one camera, whose coordinate system stands at `translation` in the vehicle's.
Scene openlabel_camera(const fs::path& folder, const std::string& translation, const std::string& intrinsics) {
  write_content(folder / "a.json", R"({"openlabel":{"metadata":{"schema_version":"1.0.0"},"coordinate_systems":{
    "ego":{"type":"local_cs","parent":"","children":["cam"]},
    "cam":{"type":"sensor_cs","parent":"ego","children":[],"pose_wrt_parent":{"translation":)" +
                                       translation + R"(,"quaternion":[0,0,0,1]}}},
    "streams":{"cam":{"type":"camera","stream_properties":{)" +
                                       intrinsics + R"(}}},"frames":{"0":{}}}})");
  return scene_at(folder / "a.json");
}

TEST(Projection, AnOpenLabelCameraWithAFourthColumnStandsBesideItsCoordinateSystem) {
  const TemporaryFolder work;
  const auto file = [&](const std::string& matrix) {
    return openlabel_camera(work.path(), "[1,2,3]",
                            R"("intrinsics_pinhole":{"camera_matrix_3x4":[)" + matrix +
                                R"(],"distortion_coeffs_1xN":[],"width_px":1242,"height_px":375})");
  };
  const Scene scene = file("720,0,610,45,0,720,173,0.2,0,0,1,0.003");
  ASSERT_EQ(scene.sensors.size(), 1U);
  const Sensor& cam = scene.sensors[0];
  ASSERT_TRUE(cam.camera);
  const auto pixel = project(*cam.camera, inverse(cam.ego_from_sensor) * Vec3d{1 - 2.0, 2 + 0.5, 3 + 11.0});
  ASSERT_TRUE(pixel);
  EXPECT_NEAR(pixel->x, (720 * -2 + 610 * 11 + 45) / 11.003, 1e-9);
  EXPECT_NEAR(pixel->y, (720 * 0.5 + 173 * 11 + 0.2) / 11.003, 1e-9);
  const Scene skewed = file("720,5,610,0,0,720,173,0,0,0,1,0");
  EXPECT_FALSE(skewed.sensors.at(0).camera);
  expect_words(skewed.notes.front(), {"cam", "nothing is drawn"});
}

TEST(Projection, AnOpenLabelFisheyeIsReadAsTheSchemaHasIt) {
  const TemporaryFolder work;
  const auto file = [&](const std::string& lens) {
    return openlabel_camera(work.path(), "[0,0,0]",
                            R"("intrinsics_fisheye":{"center_x_px":640,"center_y_px":480,"focal_length_x":330,)"
                            R"("focal_length_y":331,"width_px":1280,"height_px":960,"lens_coeffs":[)" +
                                lens + "]}");
  };
  const Scene scene = file("0.1,0.02,0.003,0.0004");
  ASSERT_TRUE(scene.sensors.at(0).camera);
  EXPECT_EQ(scene.sensors[0].camera->width, 1280);
  const double r = std::hypot(1.0, 0.5), t = std::atan(r), t2 = t * t;
  const double bent = t * (1 + 0.1 * t2 + 0.02 * t2 * t2 + 0.003 * t2 * t2 * t2 + 0.0004 * t2 * t2 * t2 * t2);
  const auto pixel = project(*scene.sensors[0].camera, {2, 1, 2});
  ASSERT_TRUE(pixel);
  EXPECT_NEAR(pixel->x, 330 * bent / r * 1.0 + 640, 1e-9);
  EXPECT_NEAR(pixel->y, 331 * bent / r * 0.5 + 480, 1e-9);
  expect_words(scene.notes.front(), {"cam", "intrinsics_fisheye", "OpenCV", "no formula"});
  const Scene vcd = file("0.1,0.02,0.003,0.0004],\"lens_coeffs_1x4\":[333.437012,0.307729989,2.4235599,11.0495005");
  EXPECT_FALSE(vcd.sensors.at(0).camera) << "even powers of the angle are in no model";
  expect_words(vcd.notes.front(), {"cam", "lens_coeffs_1x4", "nothing is drawn"});
  const Scene five = file("0.1,0.02,0.003,0.0004,0.5");
  EXPECT_FALSE(five.sensors.at(0).camera) << "no model with five is known";
  expect_words(five.notes.front(), {"cam", "intrinsics_fisheye", "not drawn"});
}

TEST(Projection, AScaleImageIsSeenThroughTheLensThatItsModelNames) {
  const TemporaryFolder work;
  const auto camera = [&](const std::string& lens) {
    write_content(work.path() / "frames/0.json",
                  R"({"device_position":{"x":0,"y":0,"z":0},"device_heading":{"w":1,"x":0,"y":0,"z":0},
        "points":[{"x":1,"y":2,"z":3,"i":0}],"images":[{"image_url":"a.jpg","camera_index":0,"fx":500,"fy":510,"cx":300,"cy":200,
        "position":{"x":0,"y":0,"z":0},"heading":{"w":1,"x":0,"y":0,"z":0})" +
                      lens + "}]}");
    const Scene scene = scene_at(work.path());
    return scene.sensors.back().camera;
  };
  const auto fisheye = camera(R"(,"camera_model":"fisheye","k1":0.1,"k2":0.02,"k3":0.003,"k4":0.0004,"p1":9)");
  ASSERT_TRUE(fisheye);
  const double r = std::hypot(0.5, 0.25), t = std::atan(r), t2 = t * t;
  const double bent = t * (1 + 0.1 * t2 + 0.02 * t2 * t2 + 0.003 * t2 * t2 * t2 + 0.0004 * t2 * t2 * t2 * t2);
  EXPECT_NEAR(project(*fisheye, {1, 0.5, 2})->x, 500 * bent / r * 0.5 + 300, 1e-9);
  const auto rational = camera(R"(,"k1":0.1,"k4":0.2)");
  ASSERT_TRUE(rational);
  EXPECT_NEAR(project(*rational, {1, 0.5, 2})->x, 500 * 0.5 * (1 + 0.1 * r * r) / (1 + 0.2 * r * r) + 300, 1e-9);
  EXPECT_FALSE(camera(R"(,"camera_model":"cylindrical")"));
  EXPECT_FALSE(camera(R"(,"skew":3)"));
  EXPECT_NEAR(project(*camera(R"(,"camera_model":"fisheye")"), {1, 0, 1})->x, 500 * std::numbers::pi / 4 + 300, 1e-9)
      << "a fisheye without coefficients is one still";
}

class NuscenesProjection : public ::testing::TestWithParam<const char*> {};

TEST_P(NuscenesProjection, IsTheDevkits) {
  SWEEPMARK_NEED_PYTHON("nuscenes");
  const TemporaryFolder work;
  const fs::path root = work.path() / "street";
  synth::DatasetOptions options;
  options.street.seconds = 1;
  options.lidar.rings = 32;
  ASSERT_TRUE(synth::write_dataset(options, root, {}));
  const PythonRun made = run_python("add_nuscenes_camera.py", {root.string(), GetParam()});
  ASSERT_EQ(made.status, 0) << made.output;
  const PythonRun run = compare(scene_at(root), "nuscenes", root, work.path());
  EXPECT_EQ(run.status, 0) << run.output;
}

INSTANTIATE_TEST_SUITE_P(WithAndWithoutALens, NuscenesProjection,
                         ::testing::Values("[]", "[-0.3, 0.1, 1e-3, -1e-3, -0.01]"));

/// The calibration of a date: the camera looks ahead, one metre in front of the LiDAR and half a metre below it.
void write_raw_drive(const fs::path& date, const std::string& suffix) {
  const fs::path drive = date / ("2011_09_26_drive_0001_" + suffix);
  for (const char* sensor : {"velodyne_points", "image_00", "image_02"}) {
    write_content(drive / sensor / "timestamps.txt", "2011-09-26 13:02:25.000000000\n");
    const std::string file = std::string("data/0000000000") + (sensor[0] == 'v' ? ".bin" : ".png");
    write_content(drive / sensor / file, std::string(16, '\0'));
  }
  write_content(date / "calib_imu_to_velo.txt", "R: 1 0 0 0 1 0 0 0 1\nT: -0.8 0.3 -0.8\n");
  write_content(date / "calib_velo_to_cam.txt",
                "calib_time: 15-Mar-2012 11:37:16\nR: 0 -1 0 0 0 -1 1 0 0\nT: 0 -0.5 -1\ndelta_f: 0 0\n");
  write_content(
      date / "calib_cam_to_cam.txt",
      "calib_time: 09-Jan-2012 13:57:47\ncorner_dist: 9.95e-02\n"
      "S_00: 1392 512\nK_00: 980 0 690 0 970 240 0 0 1\nD_00: 0 0 0 0 0\nR_00: 1 0 0 0 1 0 0 0 1\nT_00: 0 0 0\n"
      "S_rect_00: 1242 375\nR_rect_00: 0.96 0.28 0 -0.28 0.96 0 0 0 1\n"
      "P_rect_00: 720 0 610 0 0 720 173 0 0 0 1 0\n"
      "S_02: 1392 512\nK_02: 960 0 694 0 956 238 0 0 1\nD_02: -0.37 0.2 1e-3 2e-3 -0.07\n"
      "R_02: 0 -1 0 1 0 0 0 0 1\nT_02: -0.06 0.01 -0.02\n"
      "S_rect_02: 1242 375\nR_rect_02: 1 0 0 0 1 0 0 0 1\n"
      "P_rect_02: 720 0 610 45 0 720 173 0.2 0 0 1 0.003\n");
}

TEST(Projection, ARectifiedKittiRawDriveIsSeenThroughItsRectifiedProjection) {
  const TemporaryFolder date;
  write_raw_drive(date.path(), "sync");
  const Scene scene = scene_at(date.path());
  ASSERT_EQ(scene.images.size(), 2U);
  ASSERT_TRUE(scene.sensors[scene.images[1].sensor].camera);
  EXPECT_EQ(scene.sensors[scene.images[1].sensor].camera->width, 1242);
  // By hand: LiDAR (12, 3, -1) is camera 0 (-3, 0.5, 11), rectified (0.96 * -3 + 0.28 * 0.5, 0.28 * 3 + 0.96 * 0.5,
  // 11).
  const double x = -2.74, y = 1.32, z = 11;
  const Vec3d in_world = scene.sweeps[0].world_from_points * Vec3d{12, 3, -1};
  const auto first = pixel_of(scene, scene.images[0], in_world), second = pixel_of(scene, scene.images[1], in_world);
  ASSERT_TRUE(first && second);
  EXPECT_NEAR(first->x, (720 * x + 610 * z) / z, 1e-6);
  EXPECT_NEAR(first->y, (720 * y + 173 * z) / z, 1e-6);
  EXPECT_NEAR(second->x, (720 * x + 610 * z + 45) / (z + 0.003), 1e-6);
  EXPECT_NEAR(second->y, (720 * y + 173 * z + 0.2) / (z + 0.003), 1e-6);
}

TEST(Projection, AnExtractedKittiRawDriveIsSeenThroughItsLens) {
  const TemporaryFolder date;
  write_raw_drive(date.path(), "extract");
  const Scene scene = scene_at(date.path());
  ASSERT_EQ(scene.images.size(), 2U);
  // Camera 2 is turned by 90 degrees: camera 0's (-3, 0.5, 11) is (-0.5 - 0.06, -3 + 0.01, 11 - 0.02) in it.
  const double x = -0.56 / 10.98, y = -2.99 / 10.98, r2 = x * x + y * y;
  const double radial = 1 - 0.37 * r2 + 0.2 * r2 * r2 - 0.07 * r2 * r2 * r2;
  const double u = x * radial + 2e-3 * x * y + 2e-3 * (r2 + 2 * x * x),
               v = y * radial + 1e-3 * (r2 + 2 * y * y) + 4e-3 * x * y;
  const auto pixel = pixel_of(scene, scene.images[1], scene.sweeps[0].world_from_points * Vec3d{12, 3, -1});
  ASSERT_TRUE(pixel);
  EXPECT_NEAR(pixel->x, 960 * u + 694, 1e-6);
  EXPECT_NEAR(pixel->y, 956 * v + 238, 1e-6);
}

TEST(Projection, ADamagedKittiRawCalibrationIsNamedByItsRow) {
  const TemporaryFolder date;
  const auto problem = [&](const char* file, const std::string& what, const std::string& with) {
    write_raw_drive(date.path(), "sync");
    std::string text = content_of(date.path() / file);
    replace(text, what, with);
    write_content(date.path() / file, text);
    return problem_at(date.path());
  };
  expect_words(problem("calib_velo_to_cam.txt", "R: 0 -1 0", "R: 0 -2 0"),
               {"calib_velo_to_cam.txt, line 2", "rotation"});
  expect_words(problem("calib_velo_to_cam.txt", "T: 0 -0.5 -1", "T: 0 -0.5"), {"line 3", "3 numbers", "got 2"});
  expect_words(problem("calib_cam_to_cam.txt", "P_rect_02: 720", "P_rect_02: -720"), {"P_rect_02", "above 0"});
  expect_words(problem("calib_cam_to_cam.txt", "S_rect_02: 1242", "S_rect_02: 0"), {"S_rect_02", "pixels"});
  write_raw_drive(date.path(), "sync");
  fs::remove(date.path() / "calib_velo_to_cam.txt");
  const Scene scene = scene_at(date.path());
  EXPECT_FALSE(scene.sensors.back().camera);
  expect_words(scene.notes.front(), {"calib_velo_to_cam.txt", "no camera is calibrated"});
}

}  // namespace
}  // namespace sweepmark::testing_support
