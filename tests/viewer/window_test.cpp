// SPDX-License-Identifier: Apache-2.0
//
// The program's real window on a display of its own, worked with mouse and keys as a person does.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "data/open_scene.h"
#include "data/write_labels.h"
#include "kernels/box_iou.h"
#include "kernels/math/rigid.h"
#include "tests/data/files.h"
#include "tests/viewer/desktop.h"
#include "tracking/evaluate.h"
#include "tracking/provenance.h"
#include "viewer/editor/frame_points.h"
#include "viewer/editor/view_camera.h"

namespace sweepmark {
namespace {

using testing_support::Desktop;
using testing_support::files_at;
using testing_support::ProgramResult;
using testing_support::run_sweepmark;
using testing_support::TemporaryFolder;
namespace fs = std::filesystem;

#define SWEEPMARK_NEED_DESKTOP()                                                     \
  if (!Desktop::is_available()) {                                                    \
    if (testing_support::data_required()) FAIL() << "Xvfb and xdotool are required"; \
    GTEST_SKIP() << "no Xvfb or xdotool here (scripts/setup.sh installs them)";      \
  }

/// Where the main view is in a window of this size without camera images in its way.
constexpr double view_x = 272, view_y = 42, view_width = 976, view_height = 678;

/// The view from above that the program begins with after the key B.
editor::ViewTransform view_from_above(const Scene& scene, std::size_t frame) {
  const Pose ego = scene.frames[frame].world_from_ego;
  editor::OrbitCamera camera;
  camera.birds_eye = true;
  camera.distance = 45;
  camera.yaw = yaw_of(ego.rotation);
  const auto points = editor::load_frame(scene, frame);
  camera.target = points->local_from_world() * (ego * Vec3d{10, 0, 0});
  return camera.transform(static_cast<int>(view_width), static_cast<int>(view_height));
}

struct Box {
  double x0 = 1e9, y0 = 1e9, x1 = -1e9, y1 = -1e9;
};

/// A cuboid in pixels of the window, from above, with a margin.
Box in_window(const Scene& scene, std::size_t frame, const Cuboid& world, double margin) {
  const auto view = view_from_above(scene, frame);
  const auto points = editor::load_frame(scene, frame);
  Box box;
  for (int i = 0; i < 8; ++i) {
    const Vec3d half{(i & 1 ? 0.5 : -0.5) * world.size.x, (i & 2 ? 0.5 : -0.5) * world.size.y,
                     (i & 4 ? 0.5 : -0.5) * world.size.z};
    const auto seen = editor::to_screen(view, static_cast<int>(view_width), static_cast<int>(view_height),
                                        points->local_from_world() * (world.center + rotate(world.rotation, half)));
    if (!seen) continue;
    box = {std::min(box.x0, view_x + seen->x - margin), std::min(box.y0, view_y + seen->y - margin),
           std::max(box.x1, view_x + seen->x + margin), std::max(box.y1, view_y + seen->y + margin)};
  }
  return box;
}

Cuboid cuboid_of(const nlohmann::json& object) {
  const auto& c = object["center"];
  const auto& s = object["size"];
  const auto& r = object["rotation"];
  return {{c[0], c[1], c[2]}, {s[0], s[1], s[2]}, {r[0], r[1], r[2], r[3]}};
}

nlohmann::json object_of(const nlohmann::json& report, const std::string& id) {
  for (const auto& object : report["objects"])
    if (object["id"] == id) return object;
  return {};
}

/// What the program said of its screen when it was closed.
nlohmann::json report_of(const std::optional<ProgramResult>& result) {
  if (!result || result->status != 0) {
    ADD_FAILURE() << (result ? result->err : "the window did not close");
    return {};
  }
  auto report = nlohmann::json::parse(result->out, nullptr, false);
  EXPECT_TRUE(report.is_object()) << result->out;
  EXPECT_EQ(report["validation"], nlohmann::json::array());
  return report;
}

/// Every object on the screen is exported as it is there, to the last digit.
void expect_exported(const fs::path& store, const Scene& scene, const nlohmann::json& report) {
  const auto handles = find_scenes(store);
  ASSERT_TRUE(handles) << handles.error().message;
  const auto exported = open_scene(handles->front());
  ASSERT_TRUE(exported) << exported.error().message;
  const TimestampNs time = scene.frames.at(report["frame"].get<std::size_t>()).timestamp;
  std::size_t there = 0;
  for (const Track& track : exported->labels.tracks) {
    const auto cuboid = evaluate(track, time);
    ASSERT_TRUE(cuboid);
    if (!*cuboid) continue;
    ++there;
    const auto shown = object_of(report, track.id);
    ASSERT_FALSE(shown.is_null()) << track.id;
    EXPECT_EQ(cuboid_of(shown), **cuboid) << track.id;
  }
  EXPECT_EQ(there, report["objects"].size());
}

TEST(Window, ACuboidDrawnAroundARealCarIsExportedAndReopenedAsItIsOnTheScreen) {
  SWEEPMARK_NEED_DESKTOP();
  SWEEPMARK_NEED_DATA(kitti, "kitti_tracking/training");
  const TemporaryFolder folder;
  const fs::path store = folder.path() / "labels.sweepmark";
  constexpr std::size_t frame = 4;
  SceneHandle handle{Format::kitti_tracking, kitti, "0000"};
  const auto scene = open_scene(handle);
  ASSERT_TRUE(scene) << scene.error().message;
  const auto van = evaluate(scene->labels.tracks.front(), scene->frames[frame].timestamp);
  ASSERT_TRUE(van && *van);

  Desktop desktop;
  desktop.start({SWEEPMARK_PROGRAM, "view", kitti.string(), "--scene", "0000", "--frame", "4", "--labels",
                 store.string(), "--json", "--validate"});
  ASSERT_TRUE(desktop.wait_for_title("(saved)"));
  desktop.key("b");
  const Box box = in_window(*scene, frame, **van, 3);
  desktop.drag(box.x0, box.y0, box.x1, box.y1, "ctrl");
  ASSERT_TRUE(desktop.wait_for_title("(saved)"));
  // Adjusted by keys, taken back, done again; one more that stays undone.
  for (int i = 0; i < 3; ++i) desktop.key("w");
  desktop.key("q");
  desktop.key("ctrl+z");
  desktop.key("ctrl+y");
  desktop.key("g");
  desktop.key("ctrl+z");
  ASSERT_TRUE(desktop.wait_for_title("(saved)"));
  desktop.key("ctrl+q");
  const auto report = report_of(desktop.finish());
  ASSERT_TRUE(report.is_object());
  const std::string id = report["selected"];
  ASSERT_FALSE(id.empty()) << report["message"];
  EXPECT_GE(report["edits"].get<int>(), 5);
  const auto drawn = object_of(report, id);
  ASSERT_FALSE(drawn.is_null());
  EXPECT_GT(box_iou(cuboid_of(drawn), **van), 0.5);
  expect_exported(store, *scene, report);

  const fs::path empty = folder.path() / "nothing.txt";
  std::ofstream(empty) << "settle\n";
  const auto again = report_of(run_sweepmark({"view", kitti.string(), "--scene", "0000", "--frame", "4", "--labels",
                                              store.string(), "--script", empty.string(), "--json"}));
  EXPECT_EQ(again["objects"], report["objects"]);
}

TEST(Window, ATrackOverTheFramesOfAGeneratedSceneIsMadeByMouseAndKeys) {
  SWEEPMARK_NEED_DESKTOP();
  const TemporaryFolder folder;
  const fs::path street = folder.path() / "street", store = folder.path() / "labels.sweepmark";
  ASSERT_EQ(run_sweepmark({"synth", street.string(), "--seed", "7", "--seconds", "3", "--rings", "32", "--vehicles",
                           "6", "--pedestrians", "2"})
                .status,
            0);
  const auto handles = find_scenes(street);
  ASSERT_TRUE(handles);
  const auto scene = open_scene(handles->front());
  ASSERT_TRUE(scene);
  // The nearest car that is whole in the view, in the first frame.
  std::optional<Cuboid> car;
  const Vec3d ego = scene->frames[0].world_from_ego.translation;
  for (const Track& track : scene->labels.tracks) {
    const auto cuboid = evaluate(track, scene->frames[0].timestamp);
    if (track.class_name != "vehicle.car" || !cuboid || !*cuboid) continue;
    const double distance = norm((*cuboid)->center - ego);
    const Box box = in_window(*scene, 0, **cuboid, 0);
    const bool whole =
        box.x0 > view_x && box.x1 < view_x + view_width && box.y0 > view_y && box.y1 < view_y + view_height;
    if (whole && distance > 4 && (!car || distance < norm(car->center - ego))) car = **cuboid;
  }
  ASSERT_TRUE(car);

  Desktop desktop;
  desktop.start({SWEEPMARK_PROGRAM, "view", street.string(), "--labels", store.string(), "--json", "--validate"});
  ASSERT_TRUE(desktop.wait_for_title("(saved)"));
  desktop.key("b");
  const Box box = in_window(*scene, 0, *car, 3);
  desktop.drag(box.x0, box.y0, box.x1, box.y1, "ctrl");
  // Four frames on, moved there, and one keyframe between the two.
  for (int i = 0; i < 4; ++i) desktop.key("4");
  ASSERT_TRUE(desktop.wait_for_title("(saved)"));
  desktop.key("k");
  for (int i = 0; i < 6; ++i) desktop.key("w");
  for (int i = 0; i < 2; ++i) desktop.key("3");
  ASSERT_TRUE(desktop.wait_for_title("(saved)"));
  desktop.key("k");
  desktop.key("ctrl+z");
  desktop.key("ctrl+shift+z");
  ASSERT_TRUE(desktop.wait_for_title("(saved)"));
  desktop.key("ctrl+q");
  const auto report = report_of(desktop.finish());
  ASSERT_TRUE(report.is_object());
  EXPECT_EQ(report["frame"], 2);
  const std::string id = report["selected"];
  ASSERT_FALSE(id.empty()) << report["message"];
  EXPECT_TRUE(object_of(report, id)["keyframe"].get<bool>());
  expect_exported(store, *scene, report);

  const auto saved = open_scene(find_scenes(store)->front());
  const auto track = std::ranges::find(saved->labels.tracks, id, &Track::id);
  ASSERT_NE(track, saved->labels.tracks.end());
  ASSERT_EQ(track->keyframes.size(), 3U);
  EXPECT_EQ(track->keyframes[1].timestamp, scene->frames[2].timestamp);
  EXPECT_GT(norm(track->keyframes[2].cuboid.center - track->keyframes[0].cuboid.center), 0.1);
}

TEST(Window, ATrackRefinedByAKeyIsConfirmedWhereItIsLeastSureAndTakenBack) {
  SWEEPMARK_NEED_DESKTOP();
  const TemporaryFolder folder;
  const fs::path street = folder.path() / "street", store = folder.path() / "labels.sweepmark";
  ASSERT_EQ(run_sweepmark({"synth", street.string(), "--seed", "7", "--seconds", "3", "--rings", "32", "--vehicles",
                           "6", "--pedestrians", "2", "--format", "kitti"})
                .status,
            0);
  // The vehicle with the longest way, of which its first and last keyframe are left.
  auto scene = open_scene(find_scenes(street)->front());
  ASSERT_TRUE(scene);
  const auto way = [](const Track& t) { return norm(t.keyframes.back().cuboid.center - t.keyframes[0].cuboid.center); };
  std::erase_if(scene->labels.tracks, [](const Track& t) { return t.keyframes.size() < 20 || t.class_name != "Car"; });
  ASSERT_FALSE(scene->labels.tracks.empty());
  Track track = *std::ranges::max_element(scene->labels.tracks, {}, way);
  track.keyframes = {track.keyframes.front(), track.keyframes.back()};
  scene->labels.tracks = {track};
  const fs::path labels = folder.path() / "two.sweepmark.json";
  ASSERT_TRUE(write_labels(*scene, scene->labels, Format::sweepmark_json, labels));

  const fs::path script = folder.path() / "refine.txt";
  std::ofstream(script) << "settle\nkey H\nsettle\nkey Shift+K\nsettle\nkey K\nsettle\n";
  const auto report = report_of(run_sweepmark({"view", labels.string(), "--labels", store.string(), "--track", track.id,
                                               "--script", script.string(), "--json", "--validate"}));
  ASSERT_TRUE(report.is_object());
  EXPECT_EQ(report["edits"], 2);
  expect_exported(store, *scene, report);
  const auto saved = open_scene(find_scenes(store)->front());
  ASSERT_TRUE(saved);
  const auto& keyframes = saved->labels.tracks.at(0).keyframes;
  EXPECT_GT(keyframes.size(), 10U);
  EXPECT_EQ(std::ranges::count_if(keyframes, is_set_by_person), 3);

  Desktop desktop;
  desktop.start({SWEEPMARK_PROGRAM, "view", labels.string(), "--labels", store.string(), "--track", track.id, "--json",
                 "--validate"});
  ASSERT_TRUE(desktop.wait_for_title("(saved)"));
  desktop.key("shift+h");
  ASSERT_TRUE(desktop.wait_for_title("(saved)"));
  desktop.key("ctrl+q");
  report_of(desktop.finish());
  const auto back = open_scene(find_scenes(store)->front());
  ASSERT_TRUE(back);
  EXPECT_EQ(back->labels.tracks.at(0).keyframes.size(), 3U);
}

/// A small generated street.
fs::path make_street(const fs::path& folder) {
  const fs::path street = folder / "street";
  EXPECT_EQ(run_sweepmark({"synth", street.string(), "--seed", "3", "--seconds", "1", "--rings", "32", "--vehicles",
                           "4", "--pedestrians", "1"})
                .status,
            0);
  return street;
}

nlohmann::json played(const fs::path& scene, const fs::path& folder, const std::string& script,
                      const std::string& labels = "a.sweepmark") {
  std::ofstream(folder / "script.txt") << script;
  return report_of(run_sweepmark({"view", scene.string(), "--labels", (folder / labels).string(), "--script",
                                  (folder / "script.txt").string(), "--json", "--validate"}));
}

TEST(Window, WhatIsExportedByMouseByScriptAndByTheCommandIsTheSame) {
  const TemporaryFolder folder;
  const fs::path street = make_street(folder.path());
  // Ctrl+E opens the panel with the dataset's own format; its button is at the bottom left of it.
  const std::string own = (folder.path() / "own").string(), other = (folder.path() / "other").string();
  played(street, folder.path(),
         "size 1600 900\nsettle\nkey 2\nkey W\nsettle\nexport nuscenes " + own + "\nexport argoverse2 " + other +
             " lossy\nkey Ctrl+E\nwait 0.3\nsettle\nclick 523 621\nwait 0.3\nsettle\n");
  const fs::path by_mouse = folder.path() / "street-3_nuscenes", by_command = folder.path() / "by_command";
  ASSERT_TRUE(fs::exists(by_mouse)) << "the button wrote nothing";
  EXPECT_FALSE(files_at(own).empty());
  EXPECT_TRUE(files_at(own) == files_at(by_mouse));
  const ProgramResult converted = run_sweepmark(
      {"convert", (folder.path() / "a.sweepmark").string(), by_command.string(), "--to", "argoverse2", "--lossy"});
  ASSERT_EQ(converted.status, 0) << converted.err << converted.out;
  EXPECT_FALSE(files_at(other).empty());
  EXPECT_TRUE(files_at(other) == files_at(by_command));
}

TEST(Window, AnExportThatWouldLoseSomethingEndsTheScriptUnlessItSaysLossy) {
  const TemporaryFolder folder;
  const fs::path street = make_street(folder.path());
  std::ofstream(folder.path() / "script.txt") << "export kitti_tracking " << (folder.path() / "out").string() << "\n";
  const auto result = run_sweepmark({"view", street.string(), "--labels", (folder.path() / "a.sweepmark").string(),
                                     "--script", (folder.path() / "script.txt").string()});
  EXPECT_EQ(result.status, 1);
  EXPECT_NE(result.err.find("would differ"), std::string::npos) << result.err;
  EXPECT_FALSE(fs::exists(folder.path() / "out"));
}

TEST(Window, AClickInTheListJoinsWhileJoiningIsOn) {
  const TemporaryFolder folder;
  const fs::path street = make_street(folder.path());
  const auto before = played(street, folder.path(), "size 1600 900\nsettle\n");
  ASSERT_GE(before["objects"].size(), 3U);
  // The key selects the first row of the list, the click is on the second.
  const auto after = played(street, folder.path(), "size 1600 900\nsettle\nkey 2\nkey M\nclick 60 174\nsettle\n");
  EXPECT_EQ(after["edits"], 1);
  EXPECT_EQ(after["objects"].size(), before["objects"].size() - 1);
}

TEST(Window, AClassThatIsTypedIsTheObjectsAndPartOfTheOntology) {
  const TemporaryFolder folder;
  const fs::path street = make_street(folder.path());
  // The list of classes in the side panel, and the field under its three entries.
  const auto report = played(street, folder.path(),
                             "size 1600 900\nsettle\nkey 2\nclick 1340 62\nwait 0.2\nclick 1357 156\nwait 0.1\ntext "
                             "tram\nkey Enter\nwait 0.2\nsettle\n");
  const auto selected = object_of(report, report["selected"]);
  ASSERT_FALSE(selected.is_null());
  EXPECT_EQ(selected["class"], "tram");
  const auto labels = open_scene(find_scenes(folder.path() / "a.sweepmark")->front());
  ASSERT_TRUE(labels) << labels.error().message;
  ASSERT_EQ(labels->labels.ontology.classes.size(), 1U);
  EXPECT_EQ(labels->labels.ontology.classes.front().name, "tram");
}

TEST(Window, AClassFromAFrameOnIsShownFromThereAndExported) {
  const TemporaryFolder folder;
  const fs::path street = make_street(folder.path());
  const std::string out = (folder.path() / "out").string();
  const std::string begin = "size 1600 900\nsettle\nkey 2\n";
  const auto before = played(street, folder.path(), begin);
  const std::string id = before["selected"], first = object_of(before, before["selected"])["class"];
  const auto later = played(street, folder.path(),
                            begin + "key 4\nsettle\nclass-here tram\nsettle\nexport argoverse2 " + out + " lossy\n");
  EXPECT_EQ(later["edits"], 2) << "the class is new to the ontology";
  EXPECT_EQ(object_of(later, before["selected"])["class"], "tram");
  const auto at_first = played(street, folder.path(), begin);
  EXPECT_EQ(object_of(at_first, before["selected"])["class"], first) << "as before in the frame before";
  const auto exported = open_scene(find_scenes(out)->front());
  ASSERT_TRUE(exported) << exported.error().message;
  const auto track = std::ranges::find(exported->labels.tracks, id, &Track::id);
  ASSERT_NE(track, exported->labels.tracks.end());
  EXPECT_EQ(track->class_name, first);
  ASSERT_EQ(track->later_classes.size(), 1U);
  EXPECT_EQ(track->later_classes[0].class_name, "tram");
  const auto whole = played(street, folder.path(), begin + "class tram\nsettle\n");
  EXPECT_EQ(object_of(whole, before["selected"])["class"], "tram") << "in all frames";
}

TEST(Window, AnAttributeThatChangesOverTimeIsSetFromTheFrameThatIsShownOn) {
  const TemporaryFolder folder;
  const fs::path street = make_street(folder.path());
  std::string classes;
  for (const char* name : {"vehicle.car", "vehicle.bicycle", "human.pedestrian.adult"})
    classes += (classes.empty() ? "" : ", ") + std::string(R"({"name": ")") + name +
               R"(", "attributes": [{"name": "brake", "kind": "flag", "changes_over_time": true}]})";
  const fs::path ontology = folder.path() / "ontology.json", script = folder.path() / "script.txt";
  std::ofstream(ontology) << R"({"sweepmark_ontology": 1, "classes": [)" << classes << "]}";
  // The second frame; the box beside "brake", which no keyframe says anything about.
  std::ofstream(script) << "size 1600 900\nsettle\nkey 2\nkey 4\nsettle\nclick 1368 228\nsettle\n";
  const auto report =
      report_of(run_sweepmark({"view", street.string(), "--labels", (folder.path() / "a.sweepmark").string(),
                               "--ontology", ontology.string(), "--script", script.string(), "--json"}));
  EXPECT_EQ(report["edits"], 1);
  const auto labels = open_scene(find_scenes(folder.path() / "a.sweepmark")->front());
  ASSERT_TRUE(labels) << labels.error().message;
  const auto track = std::ranges::find(labels->labels.tracks, report["selected"].get<std::string>(), &Track::id);
  ASSERT_NE(track, labels->labels.tracks.end());
  ASSERT_EQ(track->keyframes.size(), 3U);
  EXPECT_FALSE(track->keyframes[0].attributes.contains("brake"));
  for (const std::size_t i : {1U, 2U}) EXPECT_EQ(track->keyframes[i].attributes.at("brake"), "true");
}

TEST(Window, ACommentIsWrittenSolvedAndTakenBackAndStaysInTheStore) {
  const TemporaryFolder folder;
  const std::string street = (folder.path() / "street").string(), store = (folder.path() / "a.sweepmark").string();
  ASSERT_EQ(run_sweepmark({"synth", street, "--seconds", "1", "--rings", "32", "--vehicles", "2", "--pedestrians", "0"})
                .status,
            0);
  const fs::path script = folder.path() / "script.txt";
  std::ofstream(script) << "size 1600 900\nsettle\nkey 2\nkey 4\nkey Ctrl+M\nsettle\nclick 1080 152\n"
                           "text too long at the rear\nkey Enter\nsettle\nclick 1080 152\ntext and turned\nkey Enter\n"
                           "settle\nclick 934 246\nsettle\nkey Ctrl+Z\nsettle\n";
  const auto result = run_sweepmark(
      {"view", street, "--labels", store, "--author", "ann", "--script", script.string(), "--validate", "--json"});
  ASSERT_EQ(result.status, 0) << result.err;
  const auto report = nlohmann::json::parse(result.out);
  EXPECT_EQ(report["edits"], 4) << "two written, one solved, which is taken back";
  const auto scene = open_scene(find_scenes(store)->front());
  ASSERT_TRUE(scene) << scene.error().message;
  ASSERT_EQ(scene->labels.comments.size(), 2U);
  const ReviewComment& first = scene->labels.comments[0];
  EXPECT_EQ(first.text, "too long at the rear");
  EXPECT_EQ(first.author, "ann");
  EXPECT_FALSE(first.track.empty());
  EXPECT_EQ(*first.about, scene->frames.at(1).timestamp);
  EXPECT_FALSE(first.is_resolved);
}

TEST(Window, EscapeClosesAnOpenListAndKeepsTheSelection) {
  const TemporaryFolder folder;
  const fs::path street = make_street(folder.path());
  const auto report =
      played(street, folder.path(),
             "size 1600 900\nsettle\nkey 2\nclick 1340 62\nwait 0.2\nkey Escape\nwait 0.2\nkey W\nsettle\n");
  EXPECT_NE(report["selected"], "");
  EXPECT_EQ(report["edits"], 1) << "keys work again";
}

TEST(Window, TheImageInTheCornerTakesADoubleClick) {
  SWEEPMARK_NEED_DATA(kitti, "kitti_tracking/training");
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "script.txt") << "size 1600 900\nsettle\ndouble 1000 650\nsettle\nwait 0.2\n"
                                                 "click 700 100\nsettle\n";
  // Enlarged, the image lies where the points were: a click into its black border makes and selects nothing.
  const auto report = report_of(run_sweepmark({"view", kitti.string(), "--scene", "0000", "--frame", "5", "--labels",
                                               (folder.path() / "a.sweepmark").string(), "--script",
                                               (folder.path() / "script.txt").string(), "--json", "--validate"}));
  EXPECT_EQ(report["enlarged"], "image_02");
}

TEST(Window, AScriptPlaysTheSameWithAndWithoutAWindow) {
  SWEEPMARK_NEED_DESKTOP();
  const TemporaryFolder folder;
  const fs::path street = folder.path() / "street";
  ASSERT_EQ(run_sweepmark({"synth", street.string(), "--seed", "3", "--seconds", "1", "--rings", "32", "--vehicles",
                           "4", "--pedestrians", "1"})
                .status,
            0);
  const fs::path script = folder.path() / "script.txt";
  std::ofstream(script) << "settle\nkey 2\nkey W\nkey W\nkey G\nkey 4\nsettle\nkey K\nkey Q\nsettle\n";
  const auto without =
      report_of(run_sweepmark({"view", street.string(), "--labels", (folder.path() / "a.sweepmark").string(),
                               "--script", script.string(), "--json"}));
  Desktop desktop;
  desktop.start({SWEEPMARK_PROGRAM, "view", street.string(), "--labels", (folder.path() / "b.sweepmark").string(),
                 "--script", script.string(), "--show", "--json"});
  const auto with = report_of(desktop.finish());
  EXPECT_GT(with["edits"], 2);
  EXPECT_EQ(without["objects"], with["objects"]);
}

}  // namespace
}  // namespace sweepmark
