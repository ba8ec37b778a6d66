// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <memory>
#include <numbers>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/image_size.h"
#include "cli/names.h"
#include "cli/outputs.h"
#include "cli/scenes.h"
#include "data/output_guard.h"
#include "data/turned_pictures.h"
#include "geometry/pose_track.h"
#include "kernels/math/rigid.h"
#include "tracking/class_at.h"
#include "tracking/evaluate.h"
#include "tracking/evaluate_image.h"
#include "viewer/editor/canvas/label_layer.h"
#include "viewer/editor/frame_points.h"
#include "viewer/editor/image_objects.h"
#include "viewer/editor/kinds/image_kind.h"
#include "viewer/editor/point_colours.h"
#include "viewer/editor/scene_lines.h"
#include "viewer/render/renderer.h"

namespace sweepmark::cli {
namespace {

struct RenderArguments {
  SceneArguments scenes;
  OutputArguments out;
  std::string view = "orbit", size = "1280x720", colour = "height", labels, track;
  std::size_t frame = 0;
  editor::FrameOptions sweeps;
  double distance = 45, yaw_deg = 0, pitch_deg = 30, point_size = 2;
  bool no_cuboids = false, validate = false;
};

/// An object at the time of the picture.
struct Shown {
  const Track* track = nullptr;
  Cuboid cuboid;  ///< frame world
  Presence presence = Presence::absent;
};

Result<std::vector<Shown>> objects_at(const LabelSet& labels, TimestampNs timestamp) {
  std::vector<Shown> shown;
  const auto prepared = prepare(labels.tracks);
  if (!prepared) return prepared.error();
  for (std::size_t i = 0; i < labels.tracks.size(); ++i) {
    Shown object{&labels.tracks[i], {}, Presence::absent};
    object.presence = evaluate(*prepared, i, timestamp, object.cuboid);
    if (object.presence != Presence::absent) shown.push_back(object);
  }
  return shown;
}

Result<Shown> named_object(const RenderArguments& arguments, const Scene& scene, const std::vector<Shown>& shown) {
  const auto found =
      std::ranges::find_if(shown, [&](const Shown& object) { return object.track->id == arguments.track; });
  if (found != shown.end()) return *found;
  if (auto there = expect_track(scene.name, scene.labels, arguments.track); !there) return there.error();
  return Error{fmt::format("--track {}: expected an object that is in frame {} of scene {}",
                           arguments.track.empty() ? "(not given)" : arguments.track, arguments.frame, scene.name)};
}

Result<editor::ViewTransform> view_of(const RenderArguments& arguments, const Scene& scene,
                                      const editor::FramePoints& points, const std::vector<Shown>& shown,
                                      ImageSize size) {
  const Pose local_from_ego = points.local_from_world() * scene.frames[arguments.frame].world_from_ego;
  editor::OrbitCamera camera;
  camera.distance = arguments.distance;
  camera.yaw = yaw_of(local_from_ego.rotation) + arguments.yaw_deg * std::numbers::pi / 180;
  camera.pitch = arguments.pitch_deg * std::numbers::pi / 180;
  camera.birds_eye = arguments.view == "bev";
  camera.target = local_from_ego * Vec3d{camera.birds_eye ? 0 : 0.25 * arguments.distance, 0, 0};
  camera.target.z = points.ground;
  if (!arguments.track.empty()) {
    const auto found = named_object(arguments, scene, shown);
    if (!found) return found.error();
    camera.target = points.local_from_world() * found->cuboid.center;
  }
  return camera.transform(size.width, size.height);
}

void report_validation(const render::Renderer& renderer, bool asked) {
  if (!asked) return;
  for (const std::string& message : renderer.validation_messages()) fmt::print(stderr, "{}\n", message);
  fmt::print("Validation: {} messages\n", renderer.validation_messages().size());
}

/// Top, left and rear view side by side.
render::Picture draw_sides(const Cuboid& cuboid, const RenderArguments& arguments, ImageSize size,
                           const std::vector<editor::LineSegment>& lines, render::Renderer& renderer,
                           const render::Renderer::Cloud& cloud) {
  const auto width = static_cast<std::size_t>(size.width / 3), height = static_cast<std::size_t>(size.height);
  render::Picture all{static_cast<int>(3 * width), size.height, std::vector<std::uint8_t>(3 * width * height * 4)};
  const auto views = editor::side_views(cuboid, static_cast<int>(width), size.height);
  render::Renderer::View view;
  for (std::size_t i = 0; i < views.size(); ++i) {
    renderer.draw(view, cloud, views[i], static_cast<int>(width), size.height, lines,
                  {.point_size_px = static_cast<float>(arguments.point_size), .eye_dome = 0});
    const auto one = renderer.read(view);
    for (std::size_t row = 0; row < height; ++row)
      std::copy_n(one.rgba.begin() + static_cast<std::ptrdiff_t>(row * width * 4), width * 4,
                  all.rgba.begin() + static_cast<std::ptrdiff_t>((row * 3 + i) * width * 4));
  }
  return all;
}

/// Prints what the colours mean, since a picture of one frame has no room for it.
void print_legend(const editor::Legend& legend) {
  if (!legend.missing.empty()) return fmt::print("Colour: {}: {}\n", legend.title, legend.missing);
  if (legend.entries.empty())
    return fmt::print("Colour: {} from {:.4g} to {:.4g} {}\n", legend.title, legend.low, legend.high, legend.unit);
}

Result<editor::PointColours> colours_of(const RenderArguments& arguments, const Scene& scene,
                                        const std::vector<Shown>& shown, const editor::FramePoints& points) {
  const auto mode = editor::colour_mode_from_name(arguments.colour).value_or(editor::ColourMode::height);
  const GroundGrid ground(mode == editor::ColourMode::height ? std::span(points.points) : std::span<const Point>());
  std::vector<editor::ColouredObject> objects;
  for (const Shown& object : shown)
    objects.push_back({points.local_from_world() * object.cuboid,
                       class_at(*object.track, scene.frames[arguments.frame].timestamp), object.track->id});
  std::vector<editor::CameraView> cameras;
  if (mode == editor::ColourMode::camera) {
    auto loaded = editor::load_camera_views(scene, arguments.frame, points.local_from_world());
    if (!loaded) return loaded.error();
    cameras = *std::move(loaded);
  }
  auto coloured = editor::colour_points(points, mode, {&ground, objects, cameras});
  print_legend(coloured.legend);
  return coloured;
}

/// Says of sweeps that are not there that the picture is without them. Errors: with `--strict` those.
Result<void> note_absent(const RenderArguments& arguments, const Scene& scene, const editor::FramePoints& points) {
  const std::size_t absent = points.absent_own + points.absent_sweeps;
  if (absent == 0) return {};
  const std::string what = fmt::format("{}: {} sweeps of frame {}{} are named by the dataset and not there", scene.name,
                                       absent, arguments.frame, points.absent_sweeps > 0 ? " and around it" : "");
  if (arguments.scenes.is_strict) return Error{what + " (--strict)"};
  fmt::print(stderr, "sweepmark: {}; drawn without {}\n", what, points.points.empty() ? "points" : "their points");
  return {};
}

Result<render::Picture> draw_cloud(const RenderArguments& arguments, const Scene& scene, const LabelSet& labels,
                                   const std::vector<Shown>& shown, ImageSize size, render::Renderer& renderer) {
  const editor::ObjectMotion motion(labels.tracks);
  editor::FrameOptions sweeps = arguments.sweeps;
  sweeps.skips_absent = true;
  const auto points = editor::load_frame(scene, arguments.frame, sweeps, &motion);
  if (!points) return points.error();
  if (auto noted = note_absent(arguments, scene, *points); !noted) return noted.error();
  const Pose local_from_world = points->local_from_world();
  std::vector<editor::LineSegment> lines;
  if (arguments.view != "ortho")
    editor::add_ground_grid(lines, local_from_world * scene.frames[arguments.frame].world_from_ego, points->ground,
                            100);
  for (const Shown& object : shown) {
    const Cuboid local = local_from_world * object.cuboid;
    const editor::Rgba colour = editor::class_colour(class_at(*object.track, scene.frames[arguments.frame].timestamp));
    if (!arguments.no_cuboids)
      editor::add_cuboid(lines, local, colour, object.presence, object.track->id == arguments.track);
  }
  const auto colours = colours_of(arguments, scene, shown, *points);
  if (!colours) return colours.error();
  const auto cloud = renderer.make_cloud(points->points, colours->colours);
  if (arguments.view == "ortho") {
    const auto object = named_object(arguments, scene, shown);
    if (!object) return object.error();
    return draw_sides(local_from_world * object->cuboid, arguments, size, lines, renderer, cloud);
  }
  const auto view = view_of(arguments, scene, *points, shown, size);
  if (!view) return view.error();
  render::Renderer::View drawn;
  renderer.draw(drawn, cloud, *view, size.width, size.height, lines,
                {.point_size_px = static_cast<float>(arguments.point_size)});
  return renderer.read(drawn);
}

/// The cuboids of the frame in one of its images, each at the image's own time.
std::vector<editor::LineSegment> lines_in_image(const RenderArguments& arguments, const Scene& scene,
                                                const LabelSet& labels, const std::vector<Shown>& shown,
                                                std::uint32_t image) {
  std::vector<editor::ShownCuboid> in_frame;
  std::optional<std::size_t> selected;
  for (const Shown& object : shown) {
    const auto track = static_cast<std::size_t>(object.track - labels.tracks.data());
    in_frame.push_back({track, object.cuboid, object.presence});
    if (object.track->id == arguments.track) selected = track;
  }
  const editor::ObjectMotion motion(labels.tracks);
  const auto at = [&](std::size_t track, TimestampNs timestamp) { return motion.at(track, timestamp); };
  std::vector<editor::LineSegment> lines;
  for (const editor::ObjectInImage& object :
       editor::objects_in_image(scene, arguments.frame, image, labels.tracks, in_frame, at, selected))
    lines.insert(lines.end(), object.lines.begin(), object.lines.end());
  return lines;
}

/// The labels of an image: outlines, and what is inside of them.
class ImageLayer {
 public:
  ImageLayer(const LabelSet& labels, const std::string& camera, TimestampNs time, const Picture& picture,
             ImageSize size, const std::string& selected) {
    constexpr double opacity = 0.35;
    const double pixels = std::max(static_cast<double>(picture.width) / size.width, 1e-3);
    editor::ImageDrawing drawing;
    std::vector<ImageValue> values;
    std::vector<editor::LabelLayer::Area> areas;
    values.reserve(labels.image_tracks.size());  // areas point at them
    for (const ImageTrack& track : labels.image_tracks) {
      if (track.camera != camera) continue;
      auto state = evaluate(track, time);
      if (!state) continue;
      values.push_back(std::move(state->value));
      editor::Look look = editor::look_of(class_at(track, time), labels.ontology, pixels);
      look.is_keyframe = state->is_keyframe;
      look.is_selected = track.id == selected;
      editor::draw_value(values.back(), look, drawing);
      areas.push_back({&values.back(), look.colour, track.id == selected});
    }
    drawing.draw_markers(pixels);
    lines_ = std::move(drawing.lines);
    std::ranges::stable_sort(
        areas, [](const auto& a, const auto& b) { return editor::size_of(*a.value) > editor::size_of(*b.value); });
    layer_.draw(picture.width, picture.height, areas, opacity);
  }
  const std::vector<editor::LineSegment>& lines() const { return lines_; }
  const Picture& picture() const { return layer_.picture(); }

 private:
  editor::LabelLayer layer_;
  std::vector<editor::LineSegment> lines_;
};

Result<render::Picture> draw_camera(const RenderArguments& arguments, const Scene& scene, const LabelSet& labels,
                                    const std::vector<Shown>& shown, ImageSize size, render::Renderer& renderer) {
  const std::string name = arguments.view.substr(std::string_view("camera:").size());
  const Frame& frame = scene.frames[arguments.frame];
  const auto found = std::ranges::find_if(
      frame.images, [&](std::uint32_t i) { return scene.sensors[scene.images[i].sensor].name == name; });
  if (found == frame.images.end()) {
    std::string known;
    for (const std::uint32_t i : frame.images)
      known += (known.empty() ? "" : ", ") + scene.sensors[scene.images[i].sensor].name;
    return Error{fmt::format("--view {}: frame {} of scene {} has images of: {}", arguments.view, arguments.frame,
                             scene.name, known.empty() ? "no camera" : known)};
  }
  const ImageRef& image = scene.images[*found];
  const bool has_cuboids = !arguments.no_cuboids && !labels.tracks.empty();
  if (has_cuboids && !scene.sensors[image.sensor].camera)
    return Error{fmt::format("camera {} of scene {} has no intrinsics", name, scene.name)};
  const auto picture = ScenePictures(scene).read(image);
  if (!picture) return picture.error();
  auto lines =
      has_cuboids ? lines_in_image(arguments, scene, labels, shown, *found) : std::vector<editor::LineSegment>();
  const ImageLayer layer(labels, name, image.timestamp, *picture, size, arguments.track);
  lines.insert(lines.end(), layer.lines().begin(), layer.lines().end());
  const auto over = renderer.make_image(layer.picture());
  render::Renderer::View view;
  renderer.draw(view, renderer.make_image(*picture), editor::stretched_image(picture->width, picture->height),
                size.width, size.height, lines, &over);
  return renderer.read(view);
}

Result<LabelSet> labels_of(const RenderArguments& arguments, const Scene& scene) {
  if (arguments.labels.empty()) return scene.labels;
  const auto found = find_scenes(arguments.labels);
  if (!found) return found.error();
  auto other = open_scene(found->front());
  if (!other) return other.error();
  return std::move(other->labels);
}

Result<void> render_scene(RenderArguments arguments, const SceneHandle& handle) {
  const auto size = parse_size(arguments.size);
  if (!size) return size.error();
  if (auto free = arguments.out.expect_free(); !free) return free;
  const auto scene = open_scene(handle);
  if (!scene) return scene.error();
  if (arguments.frame >= scene->frames.size())
    return Error{fmt::format("--frame {}: scene {} has {} frames, counted from 0", arguments.frame, scene->name,
                             scene->frames.size())};
  const auto labels = labels_of(arguments, *scene);
  if (!labels) return labels.error();
  const Frame& frame = scene->frames[arguments.frame];
  if (scene->sweeps.empty() && arguments.view == "orbit" && !frame.images.empty())
    arguments.view = "camera:" + scene->sensors[scene->images[frame.images.front()].sensor].name;
  const auto shown = objects_at(*labels, scene->frames[arguments.frame].timestamp);
  if (!shown) return shown.error();
  render::Renderer renderer(arguments.validate);
  const auto picture = arguments.view.starts_with("camera:")
                           ? draw_camera(arguments, *scene, *labels, *shown, *size, renderer)
                           : draw_cloud(arguments, *scene, *labels, *shown, *size, renderer);
  if (!picture) return picture.error();
  if (auto free = expect_no_file_of(*scene, arguments.out.path); !free) return free;
  if (auto written = render::write_png(*picture, arguments.out.path); !written) return written;
  fmt::print("{}: frame {} with {} objects drawn by {} to {}\n", scene->name, arguments.frame, shown->size(),
             renderer.device_name(), arguments.out.path);
  report_validation(renderer, arguments.validate);
  return {};
}

int run(const RenderArguments& arguments) {
  if (arguments.view != "orbit" && arguments.view != "bev" && arguments.view != "ortho" &&
      !arguments.view.starts_with("camera:")) {
    fmt::print(stderr, "sweepmark: --view {}: expected orbit, bev, ortho or camera:NAME\n", arguments.view);
    return exit_usage;
  }
  const auto scene = arguments.scenes.find_one();
  if (!scene) return report(scene.error());
  const auto done = render_scene(arguments, *scene);
  return done ? exit_ok : report(done.error());
}

}  // namespace

void add_render(CLI::App& program, int& status) {
  auto arguments = std::make_shared<RenderArguments>();
  std::vector<std::string> colours(editor::colour_mode_names().begin(), editor::colour_mode_names().end());
  colours.emplace_back("object");
  auto* command = program.add_subcommand("render", "Draw one frame with its labels to a PNG; needs no display");
  arguments->scenes.add_to(*command, true);
  arguments->scenes.add_strict_to(*command);
  arguments->out.add_to(*command, "The picture, a .png file")->required();
  command->add_option("--frame", arguments->frame, "Number of the frame, from 0")->capture_default_str();
  command
      ->add_option("--view", arguments->view,
                   "orbit, bev (from above), ortho (top, right and rear of --track), or camera:NAME (its image; the "
                   "default of scenes without sweeps: their first)")
      ->capture_default_str();
  command->add_option("--size", arguments->size, "Width and height in pixels")->capture_default_str();
  command->add_option("--colour", arguments->colour, "What colours the points")
      ->check(CLI::IsMember(colours))
      ->capture_default_str();
  command->add_option("--before", arguments->sweeps.frames_before, "Also the sweeps from so many frames before")
      ->check(CLI::Range(0, 1000));
  command->add_option("--after", arguments->sweeps.frames_after, "Also the sweeps up to so many frames after")
      ->check(CLI::Range(0, 1000));
  command->add_flag("--align", arguments->sweeps.align_objects,
                    "Points of those sweeps that are in an object stand where the object is in this frame");
  command->add_option("--labels", arguments->labels, "Labels from this file instead: a .sweepmark store or our JSON");
  command->add_option("--track", arguments->track, "Look at this object, drawn as selected");
  command->add_option("--distance", arguments->distance, "From the eye to what it looks at, metres")
      ->check(CLI::Range(0.5, 4000.0))
      ->capture_default_str();
  command->add_option("--yaw", arguments->yaw_deg, "Degrees to the left of the ego vehicle's heading")
      ->capture_default_str();
  command->add_option("--pitch", arguments->pitch_deg, "Degrees downwards")
      ->check(CLI::Range(-15.0, 90.0))
      ->capture_default_str();
  command->add_option("--point-size", arguments->point_size, "Side in pixels of a point 20 m away")
      ->check(CLI::Range(1.0, 8.0))
      ->capture_default_str();
  command->add_flag("--no-cuboids", arguments->no_cuboids, "Points alone");
  command->add_flag("--validate", arguments->validate, "Print what the Vulkan validation layer says");
  command->footer("Example: sweepmark render street --view bev --colour class -o street.png");
  command->callback([arguments, &status] { status = run(*arguments); });
}

}  // namespace sweepmark::cli
