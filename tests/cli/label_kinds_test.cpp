// SPDX-License-Identifier: Apache-2.0
//
// What each command that writes labels does with each kind of them: nothing is lost without a word. The table in
// docs/cli.md is what is found here.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/open_scene.h"
#include "data/write_labels.h"
#include "tests/cli/run_program.h"
#include "tests/support/test_data.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;

Scene opened(const fs::path& path, std::optional<Format> format = {}) {
  const auto handles = find_scenes(path, format);
  EXPECT_TRUE(handles) << (handles ? "" : handles.error().message);
  if (!handles) return {};
  auto scene = open_scene(handles->front());
  EXPECT_TRUE(scene) << (scene ? "" : scene.error().message);
  return scene ? *std::move(scene) : Scene{};
}

ImageTrack image_track(const Scene& scene, const std::string& id, const std::function<ImageValue(double)>& value_at) {
  ImageTrack track{.camera = "front", .id = id, .class_name = "car"};
  for (const std::size_t frame : {std::size_t{0}, scene.frames.size() / 2, scene.frames.size() - 1})
    track.keyframes.push_back(
        {.timestamp = scene.frames[frame].timestamp, .value = value_at(static_cast<double>(frame))});
  return track;
}

/// A generated street with every kind of label, in a store beside it.
Scene street_with_everything(const fs::path& street, const fs::path& store) {
  EXPECT_EQ(run_sweepmark({"synth", street, "--seconds", "2", "--rings", "32"}).status, 0);
  Scene scene = opened(street);
  const auto camera = static_cast<std::uint32_t>(scene.sensors.size());
  scene.sensors.push_back({.name = "front", .kind = SensorKind::camera, .ego_from_sensor = {}, .camera = {}});
  for (Frame& frame : scene.frames) {
    frame.images.push_back(static_cast<std::uint32_t>(scene.images.size()));
    scene.images.push_back({camera, frame.timestamp, {}, {}, 64, 48});
  }
  LabelSet& labels = scene.labels;
  // Something to compute between keyframes, and something that follows from others.
  for (Track& track : labels.tracks) {
    std::erase_if(track.keyframes, [&](const Keyframe& k) {
      return k.timestamp == scene.frames[1].timestamp || k.timestamp == scene.frames[3].timestamp;
    });
    track.absences.clear();
  }
  std::erase_if(labels.tracks, [](const Track& track) { return track.keyframes.size() < 3; });
  labels.image_tracks = {image_track(scene, "box",
                                     [](double x) {
                                       return ImageValue{.box = ImageBox{x, 2, x + 9, 12}};
                                     }),
                         image_track(scene, "polygon",
                                     [](double x) {
                                       return ImageValue{.polygon = Polygon{{{{{x, 0}, {x + 9, 1}, {x + 4, 8}}}}}};
                                     }),
                         image_track(scene, "mask",
                                     [](double x) {
                                       MaskBuilder mask(64, 48);
                                       mask.add(static_cast<std::uint64_t>(48 * (5 + x)), 48 * 20);
                                       return ImageValue{.mask = std::move(mask).take()};
                                     }),
                         image_track(scene, "skeleton", [](double x) {
                           return ImageValue{.skeleton = Skeleton{{{{x, 1}, Visibility::visible}}}};
                         })};
  labels.events = {
      {.id = "e", .class_name = "cut-in", .begin = scene.frames[0].timestamp, .end = scene.frames[1].timestamp}};
  labels.comments = {{.id = "c", .author = "ann", .written = 1, .text = "look"}};
  labels.ontology.classes = {{.name = "car", .color = "#ff0000", .skeleton = "dot"}};
  labels.ontology.skeletons = {{.name = "dot", .points = {"centre"}}};
  const auto points = std::make_shared<PointLabels>();
  points->classes = {1, 2, 1};
  labels.point_labels = {{scene.sweeps[0].timestamp, scene.sensors[scene.sweeps[0].sensor].name, {}, {}, points}};
  labels.point_classes = {{1, "road"}, {2, "car"}};
  labels.source.reset();
  const auto written = write_labels(scene, labels, Format::sweepmark_store, store);
  EXPECT_TRUE(written) << (written ? "" : written.error().message);
  return opened(store);
}

/// Equal texts mean equal labels of a kind; an empty one that there are none.
using Digest = std::function<std::string(const LabelSet&)>;

/// Names and times of labels in images that have a shape of this kind, whatever else they have.
template <class Part>
Digest of_shape(std::optional<Part> ImageValue::*part) {
  return [part](const LabelSet& labels) {
    std::string text;
    for (const ImageTrack& track : labels.image_tracks) {
      for (const ImageKeyframe& k : track.keyframes) {
        if (k.value.*part) text += track.id + track.class_name + " " + std::to_string(k.timestamp) + " ";
      }
    }
    return text;
  };
}

std::string cuboids_of(const LabelSet& labels) {
  std::string text;
  for (const Track& track : labels.tracks) {
    text += track.id;
    for (const Keyframe& k : track.keyframes) text += " " + std::to_string(k.timestamp);
  }
  return text;
}

std::string points_of(const LabelSet& labels) {
  if (labels.point_labels.empty()) return "";
  const auto points = read_point_labels(labels.point_labels[0]);
  return points ? std::to_string(points->classes.size()) : points.error().message;
}

struct Kind {
  std::string name;
  Digest digest;
  std::string listed_as;  ///< by a command whose output cannot hold it
  bool is_in_images = false;
};

const std::vector<Kind> kinds = {
    {"cuboids", cuboids_of, "cuboids: left out"},
    {"boxes", of_shape(&ImageValue::box), "boxes in images: left out", true},
    {"polygons", of_shape(&ImageValue::polygon), "polygons: left out", true},
    {"masks", of_shape(&ImageValue::mask), "masks: left out", true},
    {"skeletons", of_shape(&ImageValue::skeleton), "skeletons: left out", true},
    {"events", [](const LabelSet& l) { return l.events.empty() ? "" : l.events[0].id + l.events[0].class_name; },
     "events: left out"},
    {"comments", [](const LabelSet& l) { return l.comments.empty() ? "" : l.comments[0].id + l.comments[0].text; },
     "review comments: left out"},
    {"ontology", [](const LabelSet& l) { return l.ontology.classes.empty() ? "" : l.ontology.classes[0].color; },
     "classes of an ontology"},
    {"point labels", points_of, "sweeps with point labels: left out"},
};

bool is_listed(const Kind& kind, const ProgramResult& run) {
  const std::string said = run.err + run.out;
  return said.find(kind.listed_as) != std::string::npos ||
         (kind.is_in_images && said.find("labels in images: left out") != std::string::npos);
}

/// What a detector would say that sees each labelled cuboid.
void write_detections(const Scene& scene, const fs::path& path) {
  nlohmann::json frames = nlohmann::json::array();
  for (const Frame& frame : scene.frames) {
    nlohmann::json detections = nlohmann::json::array();
    for (const Track& track : scene.labels.tracks) {
      for (const Keyframe& k : track.keyframes) {
        if (k.timestamp != frame.timestamp) continue;
        const Cuboid& c = k.cuboid;
        detections.push_back({{"class", track.class_name},
                              {"score", 0.9},
                              {"center", {c.center.x, c.center.y, c.center.z}},
                              {"size", {c.size.x, c.size.y, c.size.z}},
                              {"rotation", {c.rotation.w, c.rotation.x, c.rotation.y, c.rotation.z}}});
      }
    }
    frames.push_back({{"timestamp_ns", frame.timestamp}, {"detections", detections}});
  }
  std::ofstream(path) << nlohmann::json{{"sweepmark_detections", 1}, {"frames", frames}};
}

class LabelKinds : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder;
    before_ = new Scene(street_with_everything(path("street"), path("labels.sweepmark")));
  }
  static void TearDownTestSuite() {
    delete before_;
    delete folder_;
  }
  static std::string path(const std::string& name) { return folder_->path() / name; }
  static const LabelSet& before() { return before_->labels; }

  /// The row of `check`: which kinds it finds a mistake in. \param mistakes  one for each kind, in their order
  static std::string row_of_check(const std::vector<std::function<void(LabelSet&)>>& mistakes) {
    const auto findings_in = [](const LabelSet& labels) {
      const std::string store = path("mistake.sweepmark.json");
      std::filesystem::remove(store);
      const auto written = write_labels(*before_, labels, Format::sweepmark_json, store);
      EXPECT_TRUE(written) << (written ? "" : written.error().message);
      const ProgramResult run =
          run_sweepmark({"check", store, "--labels-only", "--every-place", "--fail-on", "never", "--json"});
      const auto report = nlohmann::json::parse(run.out, nullptr, false);
      EXPECT_TRUE(report.is_object()) << run.err;
      return report.is_object() ? report["scenes"][0]["findings"].size() : 0;
    };
    EXPECT_EQ(mistakes.size(), kinds.size());
    const std::size_t none = findings_in(before());
    std::string row = "| `check` |";
    for (const auto& mistake : mistakes) {
      LabelSet labels = before();
      mistake(labels);
      row += findings_in(labels) > none ? " looks at |" : " - |";
    }
    return row + "\n";
  }

  /// A row of the table: what the command does with each kind. `-o OUTPUT` comes behind its words.
  static std::string row_of(const std::string& name, std::vector<std::string> words, const std::string& output) {
    words.insert(words.end(), {"-o", path(output)});
    return row_of(name, words, path(output), {});
  }
  static std::string row_of_conversion(Format to) {
    const std::string name(format_name(to)), out = path("as_" + name + std::string(scene_extension(to)));
    return row_of("`convert` to `" + name + "`", {"convert", path("labels.sweepmark"), out, "--to", name, "--lossy"},
                  out, to);
  }

 private:
  static std::string row_of(const std::string& name, const std::vector<std::string>& words, const std::string& out,
                            std::optional<Format> format) {
    const ProgramResult run = run_sweepmark(words);
    EXPECT_EQ(run.status, 0) << name << ": " << run.err;
    const LabelSet after = opened(out, format).labels;
    std::string row = "| " + name + " |";
    for (const Kind& kind : kinds) {
      const std::string had = kind.digest(before()), has = kind.digest(after);
      EXPECT_FALSE(had.empty()) << kind.name;
      EXPECT_FALSE(has.empty() && !is_listed(kind, run))
          << name << " loses " << kind.name << " without a word: " << run.err << run.out;
      row += has.empty() ? " lists |" : has == had ? " carries |" : " treats |";
    }
    return row + "\n";
  }

  static inline TemporaryFolder* folder_ = nullptr;
  static inline Scene* before_ = nullptr;
};

TEST_F(LabelKinds, AreTreatedCarriedOrListedByEveryCommandAsTheTableSays) {
  const std::string labels = path("labels.sweepmark"), track = before().tracks.front().id;
  std::string table = "| |";
  for (const Kind& kind : kinds) table += " " + kind.name + " |";
  table += "\n|---|";
  for (std::size_t i = 0; i < kinds.size(); ++i) table += "---|";
  table += "\n";
  table += row_of("`interpolate`", {"interpolate", labels}, "dense.sweepmark");
  table += row_of("`thin`", {"thin", labels, "--iou", "0.5"}, "thin.sweepmark");
  table += row_of("`refine`", {"refine", labels}, "refined.sweepmark");
  table += row_of("`propagate`", {"propagate", labels, "--track", track}, "propagated.sweepmark");
  table += row_of("`merge`", {"merge", labels, labels, labels}, "merged.sweepmark");
  table +=
      row_of("`consensus`", {"consensus", labels, labels, labels, "--names", "ann,ben,cem"}, "consensus.sweepmark");
  table += row_of("`simulate`", {"simulate", labels, "--lazy", "2"}, "simulated.sweepmark");
  write_detections(opened(labels), path("detections.json"));
  table += row_of("`prelabel`", {"prelabel", labels, "--detections", path("detections.json")}, "prelabels.sweepmark");
  const auto value_of = [](LabelSet& l, const std::string& id) -> ImageValue& {
    return std::ranges::find(l.image_tracks, id, &ImageTrack::id)->keyframes[0].value;
  };
  table += row_of_check({
      [](LabelSet& l) { l.tracks.push_back(l.tracks[0]), l.tracks.back().id += " again"; },
      [&](LabelSet& l) { value_of(l, "box").box->right = value_of(l, "box").box->left; },
      [&](LabelSet& l) { value_of(l, "polygon").polygon->rings[0].vertices.resize(2); },
      [&](LabelSet& l) { value_of(l, "mask").mask = Mask(64, 48); },
      [&](LabelSet& l) {
        value_of(l, "skeleton").skeleton->points[0].position = {900, 900};
      },
      [](LabelSet& l) { l.events[0].end = l.events[0].begin + 1'000'000'000'000; },
      [](LabelSet& l) { l.comments[0].track = "nobody"; },
      [](LabelSet& l) { l.ontology.classes[0].name = "cra"; },
      [](LabelSet& l) { l.point_classes.clear(); },
  });
  table += row_of("`interpolate` to our JSON", {"interpolate", labels}, "dense.sweepmark.json");
  for (const Format format : all_formats()) {
    if (has_label_writer(format)) table += row_of_conversion(format);
  }
  std::ifstream file(SWEEPMARK_DOCS "/cli.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  EXPECT_NE(page.find(table), std::string::npos) << "docs/cli.md does not have this table:\n" << table;
}

}  // namespace
}  // namespace sweepmark::testing_support
