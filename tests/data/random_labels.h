// SPDX-License-Identifier: Apache-2.0
//
// Label sets for property tests: every kind of row, odd texts, absent things.
#pragma once

#include <cstdint>
#include <random>
#include <string>

#include "data/label_set.h"
#include "geometry/mask_convert.h"
#include "tracking/class_at.h"

namespace sweepmark::testing_support {

class RandomLabels {
 public:
  explicit RandomLabels(unsigned seed) : random_(seed) {}

  std::uint32_t below(std::uint32_t count) { return static_cast<std::uint32_t>(random_() % count); }
  bool chance(std::uint32_t of) { return below(of) == 0; }
  /// To a hundredth: what most formats print.
  double pixel(double most) { return below(static_cast<std::uint32_t>(most * 100)) / 100.0; }
  double number() { return std::uniform_real_distribution<double>(-100, 100)(random_); }

  Attributes attributes() {
    Attributes out;
    if (chance(2)) out["colour"] = std::to_string(below(3));
    if (chance(4)) out["note"] = "a \"quoted\" <text> & 'more', \xC3\xA4";
    return out;
  }
  ImageBox box(double width, double height) {
    const double x = pixel(width - 1), y = pixel(height - 1);
    return {x, y, x + pixel(width - x), y + pixel(height - y), 0};
  }
  Polygon polygon(double width, double height) {
    Polygon out;
    for (std::uint32_t r = 0; r <= below(3); ++r) {
      Ring ring;
      for (std::uint32_t i = 0; i < 3 + below(6); ++i) ring.vertices.push_back({pixel(width), pixel(height)});
      if (r > 0 && chance(2)) ring.kind = RingKind::hole;
      out.rings.push_back(std::move(ring));
    }
    return out;
  }
  Mask mask(std::uint32_t width, std::uint32_t height) {
    const Mask whole = to_mask(polygon(width, height), width, height);
    if (!whole.is_empty()) return whole;
    std::vector<std::uint8_t> pixels(std::size_t{width} * height);
    pixels[below(width * height)] = 1;
    return from_bitmap(width, height, pixels);
  }
  Skeleton skeleton(std::size_t points, double width, double height) {
    Skeleton out;
    for (std::size_t i = 0; i < points; ++i) {
      const auto visibility = static_cast<Visibility>(below(3));
      out.points.push_back(
          {visibility == Visibility::absent ? Vec2d{} : Vec2d{pixel(width), pixel(height)}, visibility});
    }
    return out;
  }
  ImageValue value(std::uint32_t width, std::uint32_t height) {
    ImageValue out;
    if (chance(2)) out.box = box(width, height);
    if (chance(3)) out.polygon = polygon(width, height);
    if (chance(3)) out.mask = mask(width, height);
    if (chance(4)) out.skeleton = skeleton(5, width, height);
    if (out.is_empty()) out.box = box(width, height);
    return out;
  }

  /// Up to `tracks` tracks in 3D and as many image tracks, times 0 to 7.
  LabelSet labels(std::uint32_t tracks) {
    LabelSet out;
    for (std::uint32_t t = 0; t < tracks; ++t) {
      if (!chance(4)) out.tracks.push_back(track("t" + std::to_string(t)));
      if (!chance(4)) out.image_tracks.push_back(image_track(chance(2) ? "front" : "rear", "t" + std::to_string(t)));
      if (chance(2)) out.events.push_back(event("e" + std::to_string(t)));
      if (chance(2)) out.comments.push_back(comment("c" + std::to_string(t)));
    }
    if (chance(2)) out.point_classes = {{3, "road"}, {9, chance(2) ? "car" : "bus"}};
    for (TimestampNs time = 0; time < 4; ++time) {
      if (chance(3)) out.point_labels.push_back(point_labels(time));
    }
    if (chance(2)) out.ontology.skeletons.push_back({"person", {"head", "neck", "hip"}, {{0, 1}, {1, below(3)}}});
    for (const char* name : {"Car", "Van", "Person"}) {
      if (chance(3)) continue;
      out.ontology.classes.push_back({.name = name, .parent = chance(2) ? "thing" : "", .is_countable = chance(2)});
      if (chance(2)) out.ontology.classes.back().number = below(90);
      if (chance(2)) out.ontology.classes.back().color = "#00ff7f";
      if (chance(2)) {
        out.ontology.classes.back().attributes.push_back(
            {"occluded", AttributeKind::choice, {"no", "partly"}, "no", chance(2)});
      }
    }
    return out;
  }

  Track track(const std::string& id) {
    Track out{.id = id,
              .class_name = chance(2) ? "Car" : "Van",
              .attributes = attributes(),
              .keyframes = {},
              .absences = absences()};
    for (TimestampNs time = 0; time < 8; ++time) {
      if (chance(3)) continue;
      Keyframe k{.timestamp = time,
                 .cuboid = {{number(), number(), -0.0}, {4, 2, 1.5}, {}},
                 .stored_count = {},
                 .attributes = attributes()};
      if (chance(2)) k.stored_count = below(50);
      out.keyframes.push_back(std::move(k));
    }
    if (chance(4)) set_class_from(out, below(8), "Truck");
    if (chance(8)) set_class_from(out, 3 + below(5), "Car");
    return out;
  }
  ImageTrack image_track(const std::string& camera, const std::string& id) {
    ImageTrack out{.camera = camera,
                   .id = id,
                   .class_name = chance(2) ? "Car" : "Person",
                   .attributes = attributes(),
                   .absences = absences()};
    for (TimestampNs time = 0; time < 8; ++time) {
      if (!chance(3)) out.keyframes.push_back({.timestamp = time, .value = value(64, 48), .attributes = attributes()});
    }
    if (chance(4)) set_class_from(out, below(8), "Car");
    return out;
  }
  SweepPointLabels point_labels(TimestampNs time) {
    SweepPointLabels out{.timestamp = time, .sensor = "top", .file = "/data/a.label", .kind = {}, .values = nullptr};
    if (chance(3)) return out;  // still as the dataset has them
    PointLabels values;
    for (std::uint32_t i = 0; i < 500; ++i) {
      values.classes.push_back(static_cast<std::uint16_t>(chance(9) ? below(60'000) : 3));
      if (time % 2 == 0) values.instances.push_back(below(70'000));
    }
    out.values = std::make_shared<PointLabels>(std::move(values));
    return out;
  }
  std::vector<AbsenceSpan> absences() {
    if (!chance(3)) return {};
    return {{3, 5}};
  }
  Event event(const std::string& id) {
    Event out{.id = id, .class_name = "turn", .begin = below(5), .end = 5 + below(5), .attributes = attributes()};
    if (chance(2)) out.tracks = {"t0", "t1"};
    return out;
  }
  ReviewComment comment(const std::string& id) {
    ReviewComment out{.id = id, .author = "ann", .written = below(9), .text = "too wide", .is_resolved = chance(2)};
    if (chance(2)) out.about = below(8);
    if (chance(2)) out.track = "t1";
    if (chance(3)) out.camera = "front";
    if (chance(3)) out.reply_to = "c0";
    return out;
  }

 private:
  std::mt19937 random_;
};

}  // namespace sweepmark::testing_support
