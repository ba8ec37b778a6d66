// SPDX-License-Identifier: Apache-2.0
#include "tracking/thin.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <numbers>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/outputs.h"
#include "cli/scenes.h"
#include "data/frame_labels.h"
#include "kernels/math/rigid.h"
#include "quality/dense_labels.h"
#include "tracking/moving.h"

namespace sweepmark::cli {
namespace {

namespace fs = std::filesystem;

struct ThinArguments {
  SceneArguments scenes;
  OutputArguments out;
  ThinTolerance tolerance;
  double yaw_deg = 0;
  bool json = false;
};

struct Tally {
  std::size_t tracks = 0, labels = 0, keyframes = 0, evenly_spaced = 0;

  Tally& operator+=(const Tally& other) {
    tracks += other.tracks;
    labels += other.labels;
    keyframes += other.keyframes;
    evenly_spaced += other.evenly_spaced;
    return *this;
  }
  double per_100(std::size_t count) const {
    return labels == 0 ? 0 : 100.0 * static_cast<double>(count) / static_cast<double>(labels);
  }
};

struct Thinned {
  std::string scene, path;
  Tally all, moving, images;
};

/// Not the source's rows any more: they are keyframes now.
template <class AnyTrack>
void forget_rows(AnyTrack& track) {
  for (auto& keyframe : track.keyframes) keyframe.source_row = Keyframe::no_source_row;
}

Result<Thinned> thin_scene(const ThinArguments& arguments, const SceneHandle& handle, const fs::path& out) {
  auto scene = open_scene(handle);
  if (!scene) return scene.error();
  if (arguments.out.is_given()) {
    if (auto accepted = arguments.out.expect_no_bad_rows(*scene, store_or_json(out)); !accepted)
      return accepted.error();
  }
  // What follows from keyframes is a label like those of datasets that have one in each frame.
  if (has_keyframes(*scene)) fill_frames(*scene, scene->labels);
  const DenseTimes times = frame_times_of(*scene);
  Thinned result{scene->name, "", {}, {}, {}};
  LabelSet labels = scene->labels;
  for (Track& track : labels.tracks) {
    auto thinned = thin(track, times.cuboids, arguments.tolerance);
    if (!thinned) return Error{fmt::format("{}: {}", handle.root.string(), thinned.error().message)};
    const auto even = evenly_spaced_positions(track, arguments.tolerance);
    if (!even) return even.error();
    const Tally tally{1, track.keyframes.size(), thinned->keyframes.size(), even->size()};
    result.all += tally;
    if (is_moving(track)) result.moving += tally;
    track = *std::move(thinned);
    forget_rows(track);
  }
  for (ImageTrack& track : labels.image_tracks) {
    auto thinned = thin(track, times.images.at(track.camera), arguments.tolerance);
    if (!thinned) return Error{fmt::format("{}: {}", handle.root.string(), thinned.error().message)};
    const auto even = evenly_spaced_positions(track, arguments.tolerance);
    if (!even) return even.error();
    result.images += {1, track.keyframes.size(), thinned->keyframes.size(), even->size()};
    track = *std::move(thinned);
    forget_rows(track);
  }
  if (!arguments.out.is_given()) return result;
  if (auto written = arguments.out.write(*scene, labels, out); !written) return written.error();
  result.path = out.string();
  return result;
}

nlohmann::ordered_json to_json(const Tally& tally) {
  return {{"tracks", tally.tracks},
          {"labels", tally.labels},
          {"keyframes", tally.keyframes},
          {"keyframes_per_100_labels", tally.per_100(tally.keyframes)},
          {"evenly_spaced_per_100_labels", tally.per_100(tally.evenly_spaced)}};
}

int run(ThinArguments& arguments) {
  arguments.tolerance.max_yaw_error_rad = arguments.yaw_deg * std::numbers::pi / 180;
  const auto scenes = arguments.scenes.find();
  if (!scenes) return report(scenes.error());
  const auto outputs = arguments.out.paths_for(arguments.scenes, *scenes);
  if (!outputs) return report(outputs.error());
  std::vector<std::optional<Thinned>> results(scenes->size());
  const int status = for_each_scene(*scenes, "Thinning", [&](std::size_t i, const SceneHandle& handle) -> Result<void> {
    auto thinned = thin_scene(arguments, handle, (*outputs)[i]);
    if (!thinned) return thinned.error();
    results[i] = *std::move(thinned);
    return {};
  });
  if (std::ranges::none_of(results, [](const auto& r) { return r.has_value(); })) return status;
  Tally all, moving, images;
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const auto& r : results) {
    if (!r) continue;
    all += r->all;
    moving += r->moving;
    images += r->images;
    list.push_back({{"scene", r->scene},
                    {"output", r->path},
                    {"all", to_json(r->all)},
                    {"moving", to_json(r->moving)},
                    {"images", to_json(r->images)}});
    if (!arguments.json && !r->path.empty()) {
      fmt::print("{}: {} labels became {} keyframes in {}\n", r->scene,
                 with_thousands(r->all.labels + r->images.labels),
                 with_thousands(r->all.keyframes + r->images.keyframes), r->path);
    }
  }
  if (arguments.json) {
    const nlohmann::ordered_json report_of_all = {
        {"scenes", list},
        {"summary", {{"all", to_json(all)}, {"moving", to_json(moving)}, {"images", to_json(images)}}}};
    fmt::print("{}\n", report_of_all.dump(2));
    return status;
  }
  fmt::print("{:<22} {:>7} {:>10} {:>10} {:>9} {:>16}\n", "", "tracks", "labels", "keyframes", "per 100",
             "evenly spaced");
  for (const auto& [name, tally] : {std::pair{"all tracks", all}, std::pair{"moving more than 2 m", moving},
                                    std::pair{"tracks in images", images}}) {
    if (tally.tracks == 0 && all.tracks + images.tracks > 0) continue;
    fmt::print("{:<22} {:>7} {:>10} {:>10} {:>9.1f} {:>16.1f}\n", name, with_thousands(tally.tracks),
               with_thousands(tally.labels), with_thousands(tally.keyframes), tally.per_100(tally.keyframes),
               tally.per_100(tally.evenly_spaced));
  }
  return status;
}

}  // namespace

void add_thin(CLI::App& program, int& status) {
  auto arguments = std::make_shared<ThinArguments>();
  auto* command = program.add_subcommand("thin", "Turn dense labels into few keyframes, within a tolerance");
  arguments->scenes.add_to(*command);
  arguments->scenes.add_labels_to(*command);
  arguments->out.add_to(
      *command, "Write the keyframes here: a .sweepmark.json file, a .sweepmark store, or a folder for several scenes");
  arguments->out.add_skip_bad_rows_to(*command);
  command
      ->add_option("--iou", arguments->tolerance.min_iou,
                   "IoU that each interpolated label keeps with its own, in 3D and in images")
      ->check(CLI::Range(1e-6, 1.0))
      ->capture_default_str();
  command->add_option("--center", arguments->tolerance.max_center_error_m, "Largest error of the centre in metres, too")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--yaw", arguments->yaw_deg, "Largest error of the heading in degrees, too")
      ->check(CLI::NonNegativeNumber);
  command->add_flag("--json", arguments->json, "Print JSON");
  command->footer("Example: sweepmark thin av2/sensor/val -o keyframes/ --iou 0.9");
  command->callback([arguments, &status] { status = run(*arguments); });
}

}  // namespace sweepmark::cli
