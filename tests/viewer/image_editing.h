// SPDX-License-Identifier: Apache-2.0
//
// An editor of a scene of five images, and hands: events in pixels of the image.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/support/test_data.h"
#include "viewer/editor/image_editor.h"

namespace sweepmark::editor {

using Mouse = ImageEditor::Mouse;
inline constexpr int width = 200, height = 120;
inline constexpr TimestampNs step = 100'000'000;

inline std::shared_ptr<const Scene> image_scene() {
  auto scene = std::make_shared<Scene>();
  scene->name = "clip";
  scene->sensors.push_back({"front", SensorKind::camera, {}, {}});
  for (std::uint32_t i = 0; i < 5; ++i) {
    ImageRef image;
    image.timestamp = i * step;
    image.width = width;
    image.height = height;
    scene->images.push_back(image);
    scene->frames.push_back({i * step, {}, {}, {i}});
  }
  return scene;
}

inline Ontology people() {
  Ontology ontology;
  ontology.skeletons.push_back({"body", {"head", "left_hand", "right_hand"}, {{0, 1}, {0, 2}}});
  ontology.classes.push_back({.name = "person", .skeleton = "body"});
  return ontology;
}

/// A disc of 30 pixels about (100, 60), brighter than what is around it.
inline std::shared_ptr<const Picture> picture_of_a_disc() {
  auto picture = std::make_shared<Picture>(Picture{width, height, {}});
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const double dx = x + 0.5 - 100, dy = y + 0.5 - 60;
      const auto shade = static_cast<std::uint8_t>((x * 7 + y * 13) % 11);
      const bool is_in = dx * dx + dy * dy <= 30 * 30;
      picture->rgba.insert(picture->rgba.end(), {static_cast<std::uint8_t>((is_in ? 180 : 60) + shade),
                                                 static_cast<std::uint8_t>((is_in ? 90 : 100) + shade),
                                                 static_cast<std::uint8_t>((is_in ? 60 : 120) + shade), 255});
    }
  return picture;
}

struct ImageEditing : testing::Test {
  ImageEditing()
      : session(image_scene(), *Document::open(LabelSet{}, folder.path() / "a.sweepmark"), "ann",
                [] { return TimestampNs{1}; }) {
    editor.picture = [picture = picture_of_a_disc()] { return picture; };
    go_to(0);
  }
  void go_to(std::size_t frame) {
    session.go_to(static_cast<std::int64_t>(frame));
    editor.look_at(ImageCanvas{"front", session.time(), width, height, 1});
  }
  void choose(std::string_view name) {
    const auto tools = image_tools();
    const auto found = std::ranges::find(tools, name, &ImageToolRow::name);
    ASSERT_NE(found, tools.end());
    editor.choose_tool(static_cast<std::size_t>(found - tools.begin()));
  }
  void press(double x, double y, Modifiers with = {}) { editor.mouse(Mouse::press, {{x, y}, with}); }
  void drag_to(double x, double y, Modifiers with = {}) { editor.mouse(Mouse::drag, {{x, y}, with}); }
  void release(double x, double y, Modifiers with = {}) { editor.mouse(Mouse::release, {{x, y}, with}); }
  void click(double x, double y, Modifiers with = {}) {
    editor.mouse(Mouse::hover, {{x, y}, with});
    press(x, y, with);
    release(x, y, with);
  }
  void outline(std::initializer_list<Vec2d> vertices, Modifiers with = {}) {
    for (const Vec2d v : vertices) click(v.x, v.y, with);
    editor.run(Action::mark_reviewed);  // Enter
  }
  void key(char printed) { editor.key({key_of(printed), true, {}}); }
  /// Until no other thread works for the tool.
  void settle() {
    do {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      editor.tick();
    } while (editor.is_busy());
  }
  void drag(double x0, double y0, double x1, double y1, Modifiers with = {}) {
    press(x0, y0, with);
    drag_to((x0 + x1) / 2, (y0 + y1) / 2, with);
    drag_to(x1, y1, with);
    release(x1, y1, with);
  }
  void make_box(double x0, double y0, double x1, double y1) {
    choose("Box");
    drag(x0, y0, x1, y1);
    choose("Select");
  }
  const std::vector<ImageTrack>& tracks() const { return session.document().labels().image_tracks; }
  ImageValue now() {
    const auto label = editor.labels.selected("front", session.time());
    return label ? *label->value : ImageValue{};
  }

  testing_support::TemporaryFolder folder;
  Session session;
  Ontology ontology = people();
  std::string new_class = "person";
  ImageEditor editor{session, ontology, new_class};
};

}  // namespace sweepmark::editor
