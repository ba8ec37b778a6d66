// SPDX-License-Identifier: Apache-2.0
#include "kernels/interpolate.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/outputs.h"
#include "cli/scenes.h"
#include "data/formats/text.h"
#include "data/write_labels.h"
#include "kernels/exec/backend.h"
#include "quality/accuracy_plot.h"
#include "quality/dense_labels.h"
#include "quality/interpolation_accuracy.h"
#include "tracking/interpolation_mode.h"

namespace sweepmark::cli {
namespace {

namespace fs = std::filesystem;

struct InterpolateArguments {
  SceneArguments scenes;
  OutputArguments out;
  std::string out_format, keyframes = "all", at = "frames", reference = "world", size = "linear", mode = "auto",
                          device = "auto", plot;
  int threads = 0;
  std::size_t score_every = 1;
  bool count_points = false, evaluate = false, json = false, extrapolate = false;
};

/// "all", "every=N", or a file with lines "track_id timestamp_ns".
Result<KeyframeChoice> parse_keyframes(const std::string& words) {
  KeyframeChoice choice;
  if (words == "all") return choice;
  if (words.starts_with("every=")) {
    std::int64_t every = 0;
    if (!parse_number(std::string_view(words).substr(6), every) || every < 1)
      return Error{fmt::format("--keyframes {}: expected every=N with N at least 1", words)};
    choice.every = static_cast<std::size_t>(every);
    return choice;
  }
  auto content = read_file(words);
  if (!content) return Error{fmt::format("--keyframes: expected all, every=N or a file: {}", content.error().message)};
  choice.listed.emplace();
  for (const Line& line : lines_of(*content)) {
    const auto fields = words_of(line.text);
    TimestampNs time = 0;
    if (fields.size() != 2 || !parse_number(fields[1], time))
      return Error{
          fmt::format("{}: expected \"track_id timestamp_ns\", got \"{}\"", at_line(words, line.number), line.text)};
    choice.listed->emplace(std::string(fields[0]), time);
  }
  return choice;
}

/// When to compute labels: at the frames, at every sweep, or at a fixed rate over the labels' own span. Labels in
/// images are computed where their camera has an image, or at the rate.
Result<DenseTimes> query_times(const Scene& scene, const std::string& at) {
  DenseTimes dense = frame_times_of(scene);
  if (at == "frames") return dense;
  std::set<TimestampNs> times;
  if (at == "sweeps") {
    // A sweep that belongs to a frame is labelled at the frame's time.
    times.insert(dense.cuboids.begin(), dense.cuboids.end());
    std::set<std::uint32_t> of_frames;
    for (const Frame& frame : scene.frames) of_frames.insert(frame.sweeps.begin(), frame.sweeps.end());
    for (std::uint32_t i = 0; i < scene.sweeps.size(); ++i) {
      if (!of_frames.contains(i)) times.insert(scene.sweeps[i].timestamp);
    }
    dense.cuboids.assign(times.begin(), times.end());
    return dense;
  }
  double rate = 0;
  if (!parse_number(std::string_view(at), rate) || !(rate > 0) || rate > 1e6)
    return Error{fmt::format("--at {}: expected frames, sweeps or a rate in Hz", at)};
  if (scene.frames.empty()) return dense;
  const TimestampNs first = scene.frames.front().timestamp, last = scene.frames.back().timestamp;
  const double count = static_cast<double>(last - first) * 1e-9 * rate;
  if (count > 1e8) return Error{fmt::format("--at {}: more than 100 million times in scene {}", at, scene.name)};
  for (std::int64_t i = 0; i <= static_cast<std::int64_t>(count); ++i)
    times.insert(first + static_cast<TimestampNs>(static_cast<double>(i) * 1e9 / rate + 0.5));
  dense.cuboids.assign(times.begin(), times.end());
  for (auto& [camera, of_camera] : dense.images) of_camera = dense.cuboids;
  return dense;
}

/// Of labels alone: some formats have a file for them where their scenes are folders.
std::string_view extension_of(Format format) {
  switch (format) {
    case Format::kitti_tracking:
      return ".txt";
    case Format::argoverse2:
      return ".feather";
    default:
      return scene_extension(format);
  }
}

/// The one asked for, else what the name of the output says, else our own JSON.
Result<Format> output_format(const InterpolateArguments& arguments) {
  if (!arguments.out_format.empty()) {
    const auto named = format_from_name(arguments.out_format);
    if (!named) return Error{fmt::format("--to {}: no such format", arguments.out_format)};
    return *named;
  }
  const fs::path extension = fs::path(arguments.out.path).extension();
  if (extension == ".feather") return Format::argoverse2;
  if (extension == ".txt") return Format::kitti_tracking;
  return store_or_json(arguments.out.path);
}

struct Written {
  std::string scene, path;
  std::size_t tracks = 0, keyframes = 0, labels = 0;
  std::size_t image_tracks = 0, image_keyframes = 0, image_labels = 0;
};

template <class AnyTrack>
std::size_t label_count(const std::vector<AnyTrack>& tracks) {
  std::size_t count = 0;
  for (const AnyTrack& track : tracks) count += track.keyframes.size();
  return count;
}

/// Keyframes at times of which no label is asked. \pre `dense` has the tracks of `kept`, in their order
template <class AnyTrack>
std::size_t lost_keyframes(const std::vector<AnyTrack>& kept, const std::vector<AnyTrack>& dense) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    for (const auto& keyframe : kept[i].keyframes) {
      count += !std::ranges::binary_search(dense[i].keyframes, keyframe.timestamp, {},
                                           [](const auto& k) { return k.timestamp; });
    }
  }
  return count;
}

Result<Written> write_dense(const InterpolateArguments& arguments, const SceneHandle& handle,
                            const KeyframeChoice& choice, const Backend& backend, Format format, const fs::path& out) {
  auto scene = arguments.count_points ? arguments.scenes.open_with_sweeps(handle) : open_scene(handle);
  if (!scene) return scene.error();
  if (auto accepted = arguments.out.expect_no_bad_rows(*scene, format); !accepted) return accepted.error();
  auto kept = keep_chosen(scene->labels, choice);
  if (!kept) return kept.error();
  auto times = query_times(*scene, arguments.at);
  if (!times) return times.error();
  const InterpolateOptions options{.size = arguments.size == "constant" ? SizeMode::constant : SizeMode::linear,
                                   .extrapolate = arguments.extrapolate};
  auto dense = make_dense(scene->labels, *kept, *times, options, backend, mode_from_name(arguments.mode));
  if (!dense) return Error{fmt::format("{}: {}", dense.error().message, handle.root.string())};
  if (arguments.count_points) {
    if (auto counted = count_points_of(*scene, *dense, backend); !counted) return counted.error();
  }
  const std::size_t lost =
      lost_keyframes(kept->tracks, dense->tracks) + lost_keyframes(kept->image_tracks, dense->image_tracks);
  const auto written = arguments.out.write(*scene, *dense, format, out);
  if (!written) return written.error();
  if (lost > 0) {
    fmt::print(stderr, "sweepmark: {}: {} keyframes are not in the output: --at {} asks for no label at their times\n",
               scene->name, lost, arguments.at);
  }
  return Written{.scene = scene->name,
                 .path = out.string(),
                 .tracks = written->tracks.size(),
                 .keyframes = label_count(kept->tracks),
                 .labels = label_count(written->tracks),
                 .image_tracks = written->image_tracks.size(),
                 .image_keyframes = label_count(kept->image_tracks),
                 .image_labels = label_count(written->image_tracks)};
}

int run_writing(const InterpolateArguments& arguments, const std::vector<SceneHandle>& scenes,
                const KeyframeChoice& choice, const Backend& backend) {
  const auto format = output_format(arguments);
  if (!format) return report(format.error());
  const auto outputs = arguments.out.paths_for(arguments.scenes, scenes, *format, extension_of(*format));
  if (!outputs) return report(outputs.error());
  std::vector<std::optional<Written>> results(scenes.size());
  const int status =
      for_each_scene(scenes, "Interpolating", [&](std::size_t i, const SceneHandle& handle) -> Result<void> {
        auto written = write_dense(arguments, handle, choice, backend, *format, (*outputs)[i]);
        if (!written) return written.error();
        results[i] = *std::move(written);
        return {};
      });
  std::string list;
  for (const auto& r : results) {
    if (!r) continue;
    if (arguments.json) {
      list += fmt::format(
          "{}\n  {{\"scene\": \"{}\", \"output\": \"{}\", \"tracks\": {}, \"keyframes\": {}, \"labels\": {}, "
          "\"image_tracks\": {}, \"image_keyframes\": {}, \"image_labels\": {}}}",
          list.empty() ? "" : ",", r->scene, r->path, r->tracks, r->keyframes, r->labels, r->image_tracks,
          r->image_keyframes, r->image_labels);
      continue;
    }
    std::vector<std::string> parts;
    if (r->tracks > 0 || r->image_tracks == 0)
      parts.push_back(fmt::format("{} tracks, {} keyframes, {} labels", r->tracks, with_thousands(r->keyframes),
                                  with_thousands(r->labels)));
    if (r->image_tracks > 0)
      parts.push_back(fmt::format("{} tracks in images, {} keyframes, {} labels", r->image_tracks,
                                  with_thousands(r->image_keyframes), with_thousands(r->image_labels)));
    fmt::print("{}: {} written to {}\n", r->scene, fmt::join(parts, "; "), r->path);
  }
  if (arguments.json) fmt::print("{{\"scenes\": [{}\n]}}\n", list);
  return status;
}

Result<std::vector<AccuracySeries>> evaluate_scenes(const InterpolateArguments& arguments,
                                                    const std::vector<SceneHandle>& scenes, std::size_t every,
                                                    std::vector<ImagePrediction>& in_images, int& status) {
  std::vector<AccuracySeries> series;
  if (arguments.reference != "ego") series.push_back({"world frame", {}});
  if (arguments.reference != "world") series.push_back({"ego frame", {}});
  std::vector<std::vector<std::vector<Prediction>>> parts(scenes.size());
  std::vector<std::vector<ImagePrediction>> of_images(scenes.size());
  status = for_each_scene(scenes, "Evaluating", [&](std::size_t i, const SceneHandle& handle) -> Result<void> {
    auto scene = open_scene(handle);
    if (!scene) return scene.error();
    for (const AccuracySeries& s : series) {
      const ReferenceFrame frame = s.name == "world frame" ? ReferenceFrame::world : ReferenceFrame::ego;
      auto predictions = predict_left_out(*scene, {.every = every,
                                                   .frame = frame,
                                                   .score_every = arguments.score_every,
                                                   .mode = mode_from_name(arguments.mode)});
      if (!predictions) {
        parts[i].clear();
        return predictions.error();
      }
      parts[i].push_back(*std::move(predictions));
    }
    of_images[i] = predict_left_out_images(*scene, every, arguments.score_every);
    return {};
  });
  for (auto& part : of_images) std::ranges::move(part, std::back_inserter(in_images));
  for (auto& part : parts) {
    for (std::size_t s = 0; s < part.size(); ++s) std::ranges::move(part[s], std::back_inserter(series[s].predictions));
  }
  return series;
}

int run_evaluation(const InterpolateArguments& arguments, const std::vector<SceneHandle>& scenes,
                   const KeyframeChoice& choice) {
  if (choice.listed || choice.every < 2)
    return report(Error{"--evaluate leaves labels out: --keyframes every=N with N at least 2"});
  if (auto free = arguments.out.expect_free(arguments.plot); !free) return report(free.error());
  int status = exit_ok;
  std::vector<ImagePrediction> in_images;
  auto series = evaluate_scenes(arguments, scenes, choice.every, in_images, status);
  if (!series) return report(series.error());
  for (std::size_t s = 0; s < series->size(); ++s) {
    const AccuracyReport accuracy = make_report((*series)[s].predictions, in_images);
    if (!arguments.json) {
      fmt::print("{}, keyframes every={}: errors of the labels in between\n{}", (*series)[s].name, choice.every,
                 report_as_table(accuracy));
    } else if (series->size() == 1) {
      fmt::print("{}\n", report_as_json(accuracy));
    } else {
      fmt::print("{}\"{}\": {}{}", s == 0 ? "{" : ",\n", (*series)[s].name, report_as_json(accuracy),
                 s + 1 == series->size() ? "}\n" : "");
    }
  }
  if (arguments.plot.empty()) return status;
  const std::string title =
      fmt::format("Interpolation, keyframes every {} labels: {}", choice.every,
                  scenes.size() == 1 ? scenes.front().name : fmt::format("{} scenes", scenes.size()));
  if (auto drawn = plot_accuracy(*series, title, arguments.plot); !drawn) return report(drawn.error());
  return status;
}

int run(const InterpolateArguments& arguments) {
  auto choice = parse_keyframes(arguments.keyframes);
  if (!choice) return report(choice.error());
  auto scenes = arguments.scenes.find();
  if (!scenes) return report(scenes.error());
  if (arguments.evaluate) return run_evaluation(arguments, *scenes, *choice);
  auto backend = open_backend(arguments.device, scenes->size() > 1 && arguments.threads == 0 ? 1 : arguments.threads,
                              BatchWork::interpolate);
  if (!backend) return report(backend.error());
  return run_writing(arguments, *scenes, *choice, *backend);
}

}  // namespace

void add_interpolate(CLI::App& program, int& status) {
  auto arguments = std::make_shared<InterpolateArguments>();
  CLI::App* command =
      program.add_subcommand("interpolate", "Compute the labels between keyframes, or measure how well that works");
  arguments->scenes.add_to(*command);
  arguments->scenes.add_strict_to(*command);
  arguments->scenes.add_labels_to(*command);
  auto* out = arguments->out.add_to(*command, "Write dense labels here: a file, or a folder for several scenes");
  arguments->out.add_skip_bad_rows_to(*command);
  auto* evaluate =
      command->add_flag("--evaluate", arguments->evaluate, "Leave labels out, predict them, and report the errors");
  out->excludes(evaluate);
  command->add_option("--to,--format-out", arguments->out_format,
                      "Output format (default: by the name of the output, else sweepmark_json): " + format_names(true));
  command
      ->add_option("--keyframes", arguments->keyframes,
                   "all, every=N (every N-th label of a track and its last), or a file of \"track_id timestamp_ns\"")
      ->capture_default_str();
  command->add_option("--at", arguments->at, "Compute labels at frames, sweeps, or a rate in Hz")
      ->capture_default_str();
  command->add_flag("--count-points", arguments->count_points, "Store the number of points inside each cuboid");
  command->add_option("--size", arguments->size, "Size between keyframes: linear or constant")
      ->check(CLI::IsMember({"linear", "constant"}))
      ->capture_default_str();
  command
      ->add_option(
          "--mode", arguments->mode,
          "Between keyframes: linear, smooth, motion (vehicles move where they head), static, or auto: what the "
          "track's attribute \"interpolation\" says, else motion for vehicles and smooth for the rest")
      ->check(CLI::IsMember({"auto", "linear", "smooth", "motion", "static"}))
      ->capture_default_str();
  command->add_flag("--extrapolate", arguments->extrapolate, "Hold the first and last keyframe outside their times");
  command
      ->add_option("--frame-of", arguments->reference,
                   "With --evaluate: interpolate in the world frame, in the ego frame for comparison, or both")
      ->check(CLI::IsMember({"world", "ego", "both"}))
      ->capture_default_str();
  command->add_option("--score-every", arguments->score_every, "With --evaluate: score only labels at multiples of N")
      ->check(CLI::Range(1, 1'000'000));
  command
      ->add_option("--plot", arguments->plot,
                   "With --evaluate: draw the IoU distribution and the error over the gap as PNG")
      ->needs(evaluate);
  command->add_option("--device", arguments->device, "auto, cpu or cuda")->capture_default_str();
  command->add_option("--threads", arguments->threads, "CPU threads, 0 for all cores")->capture_default_str();
  command->add_flag("--json", arguments->json, "Print JSON");
  command->footer(
      "Example: sweepmark interpolate av2/sensor/val -o dense/ --keyframes every=10 --at sweeps --count-points\n"
      "Example: sweepmark interpolate av2/sensor/val --keyframes every=10 --evaluate --plot accuracy.png");
  command->callback([arguments, out, evaluate, &status] {
    if (out->count() == 0 && evaluate->count() == 0) throw CLI::RequiredError("-o or --evaluate");
    status = run(*arguments);
  });
}

}  // namespace sweepmark::cli
