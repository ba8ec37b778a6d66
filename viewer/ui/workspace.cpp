// SPDX-License-Identifier: Apache-2.0
#include "viewer/ui/workspace.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>
#include <utility>

#include "kernels/math/rigid.h"
#include "tracking/class_at.h"
#include "viewer/editor/cuboid_edit.h"
#include "viewer/editor/kinds/image_kind.h"
#include "viewer/editor/near_points.h"

namespace sweepmark::ui {
namespace {

using editor::Action;
using editor::ColourMode;

constexpr std::size_t frame_budget = std::size_t{2} << 30U, image_budget = std::size_t{512} << 20U;

bool needs_objects(ColourMode mode) { return mode == ColourMode::class_name || mode == ColourMode::track; }

double heading_of(const Pose& pose) { return yaw_of(pose.rotation); }

}  // namespace

Workspace::Workspace(std::shared_ptr<const Scene> scene, editor::Document document, Ontology classes,
                     std::string author, std::function<TimestampNs()> now, editor::Keymap keys, render::Renderer& on,
                     std::function<void()> wake)
    : session(scene, std::move(document), std::move(author), std::move(now)),
      frames(*scene, frame_budget, wake),
      images(*scene, image_budget, wake),
      counts_over_time(*scene, wake),
      refiner(*scene, wake),
      follower(*scene, wake),
      keymap(std::move(keys)),
      ontology(std::move(classes)),
      renderer(on),
      image_editor(session, ontology, new_class) {
  image_editor.wake = wake;
  ontology_is_given_ = !ontology.classes.empty() || !scene->labels.ontology.classes.empty();
  if (ontology.classes.empty()) ontology = session.document().labels().ontology;
  new_class = usual_class();
  cloud_ = renderer.make_cloud({}, {});
  reset_view();
  frames.prefetch_around(0);
  images.prefetch_around(0);
}

std::string Workspace::shown_camera() const {
  const Scene& scene = session.scene();
  if (!enlarged_camera.empty() || !scene.sweeps.empty()) return enlarged_camera;
  return scene.images.empty() ? std::string() : scene.sensors[scene.images.front().sensor].name;
}

std::optional<std::uint32_t> Workspace::shown_image() const {
  const Scene& scene = session.scene();
  const std::string name = shown_camera();
  for (const std::uint32_t image : scene.frames[session.frame()].images)
    if (scene.sensors[scene.images[image].sensor].name == name) return image;
  return std::nullopt;
}

Pose Workspace::local_from_world() const {
  if (loaded_) return loaded_->points().local_from_world();
  const Vec3d ego = session.scene().frames[session.frame()].world_from_ego.translation;
  return {{}, {-std::round(ego.x), -std::round(ego.y), -std::round(ego.z)}};
}

editor::OrbitCamera Workspace::local_camera() const {
  editor::OrbitCamera local = camera;
  local.target = local_from_world() * camera.target;
  return local;
}

void Workspace::reset_view() {
  const Pose ego = session.scene().frames[session.frame()].world_from_ego;
  camera.distance = camera.birds_eye ? 70 : 45;
  camera.yaw = heading_of(ego);
  camera.pitch = 0.55;
  camera.target = ego * Vec3d{camera.birds_eye ? 0.0 : 10.0, 0, 0};
  // The ego pose is where the dataset put it: in a sensor on the roof, or on the road.
  camera.target.z = loaded_ ? loaded_->points().origin.z + loaded_->points().ground : ego.translation.z;
}

void Workspace::choose(const std::string& track) {
  if (tool != Tool::merge) {
    session.select(track);
  } else if (session.merge_with(track)) {
    tool = Tool::select;
  }
}

bool Workspace::choose_class(const std::string& name) {
  if (name.empty()) return false;
  const auto names = class_names();
  if (std::ranges::find(names, name) == names.end() && !session.add_class(name)) return false;
  new_class = name;
  const bool from_here = std::exchange(class_from_here, false);
  // While something is being drawn, what comes is meant, and not what was made last.
  if (session.selected().empty() || image_editor.is_making()) return true;
  if (!from_here) return session.set_class(name);
  const auto& canvas = image_editor.canvas();
  const bool is_of_image = !session.selected_track() && canvas;
  return session.set_class_from(is_of_image ? canvas->time : session.time(), name);
}

void Workspace::look_at(const Vec3d& world, double distance) {
  camera.target = world;
  camera.distance = distance;
}

void Workspace::note_frame_change() {
  const std::size_t now = session.frame();
  if (now == last_frame_) return;
  const auto& all = session.scene().frames;
  direction_ = now > last_frame_ ? 1 : -1;
  const auto followed = follow ? session.selected_now() : std::nullopt;
  if (followed && last_followed_) {
    camera.target = camera.target + (followed->cuboid.center - *last_followed_);
  } else if (!follow) {
    // The view goes with the ego vehicle: what was ahead stays ahead.
    const Pose before = all[last_frame_].world_from_ego, after = all[now].world_from_ego;
    const double turned = wrap_angle(heading_of(after) - heading_of(before));
    const Vec3d offset = camera.target - before.translation;
    camera.target = after.translation + rotate(quat_from_yaw(turned), offset);
    camera.yaw = wrap_angle(camera.yaw + turned);
  }
  last_frame_ = now;
  counts_over_time.set_focus(now);
  frames.prefetch_around(now, direction_);
  images.prefetch_around(now, direction_);
}

void Workspace::take_loaded() {
  const std::size_t wanted = session.frame();
  if (loaded_ && loaded_->number() == wanted && sweeps == sweeps_in_use_ && loaded_->version() == frames.version())
    return;
  if (!(sweeps == sweeps_in_use_)) {
    frames.set_options(sweeps, editor::ObjectMotion(session.document().labels().tracks));
    aligned_revision_ = session.document().revision();
    sweeps_in_use_ = sweeps;
    frames.prefetch_around(wanted, direction_);
  }
  auto ready = frames.get(wanted);
  if (!ready) {
    if (const auto failure = frames.failure(wanted); failure && reported_failure_ != failure->message) {
      reported_failure_ = failure->message;
      session.say(failure->message, true);
    }
    return;
  }
  const bool first = loaded_ == nullptr;
  loaded_ = std::move(ready);
  coloured_mode_.reset();
  if (first) reset_view();
}

void Workspace::recolour() {
  if (!loaded_) return;
  const std::uint64_t revision = session.document().revision();
  std::size_t images_there = 0;
  if (colour_mode == ColourMode::camera)
    for (const std::uint32_t image : session.scene().frames[loaded_->number()].images)
      images_there += images.is_loaded(image) ? 1 : 0;
  if (coloured_mode_ == colour_mode && (!needs_objects(colour_mode) || coloured_revision_ == revision) &&
      coloured_images_ == images_there)
    return;
  const auto& points = loaded_->points();
  const Pose local = points.local_from_world();
  std::vector<editor::ColouredObject> objects;
  if (needs_objects(colour_mode))
    for (const auto& object : session.document().all_at(session.scene().frames[loaded_->number()].timestamp)) {
      const Track& track = session.track(object);
      objects.push_back(
          {local * object.cuboid, class_at(track, session.scene().frames[loaded_->number()].timestamp), track.id});
    }
  std::vector<editor::CameraView> cameras;
  if (colour_mode == ColourMode::camera)
    cameras = editor::camera_views(session.scene(), loaded_->number(), local,
                                   [&](std::uint32_t image) { return images.get(image); });
  colours_ = editor::colour_points(points, colour_mode,
                                   {.ground = colour_mode == ColourMode::height ? &loaded_->ground() : nullptr,
                                    .objects = objects,
                                    .cameras = cameras});
  if (coloured_mode_) {
    renderer.set_colours(cloud_, colours_.colours);
  } else {
    cloud_ = renderer.make_cloud(points.points, colours_.colours);
  }
  coloured_mode_ = colour_mode;
  coloured_revision_ = revision;
  coloured_images_ = images_there;
  ++content_;
}

void Workspace::age_message(double seconds) {
  if (session.message() != shown_message_) {
    shown_message_ = session.message();
    message_age_s_ = 0;
  }
  message_age_s_ += seconds;
  constexpr double shown_s = 4, error_shown_s = 15;
  if (message_age_s_ > (session.message_is_error() ? error_shown_s : shown_s)) session.say({});
}

void Workspace::update(double seconds) {
  age_message(seconds);
  if (playing) {
    const auto is_there = [&](std::size_t frame) { return frames.get(frame) && are_images_there(frame); };
    const std::size_t now = session.frame();
    const std::size_t next = playback.advance(seconds, now, session.scene().frames, is_there);
    if (next != now) session.go_to(static_cast<std::int64_t>(next));
    playing = next + 1 < session.frame_count();
  }
  // Points of moving objects are drawn where the objects are: when these are edited, so must those be.
  if (sweeps_in_use_.align_objects && aligned_revision_ != session.document().revision()) {
    frames.set_options(sweeps, editor::ObjectMotion(session.document().labels().tracks));
    aligned_revision_ = session.document().revision();
  }
  take_refined();
  if (counted_revision_ != session.document().revision()) {
    counts_over_time.update(session.document().labels().tracks);
    counted_revision_ = session.document().revision();
  }
  note_frame_change();
  take_loaded();
  recolour();
  const auto now = session.selected_now();
  last_followed_ = now ? std::optional(now->cuboid.center) : std::nullopt;
}

bool Workspace::are_images_there(std::size_t frame) const {
  return std::ranges::all_of(session.scene().frames[frame].images, [&](std::uint32_t image) {
    return images.is_loaded(image) || images.failure(image).has_value();
  });
}

bool Workspace::is_settled() const {
  const std::size_t frame = session.frame();
  if (playing || refiner.is_busy() || follower.is_busy() || exporter.is_busy() || image_editor.is_busy()) return false;
  const bool points = (loaded_ && loaded_->number() == frame && sweeps == sweeps_in_use_ &&
                       loaded_->version() == frames.version() && coloured_mode_ == colour_mode) ||
                      frames.failure(frame).has_value();
  return points && are_images_there(frame);
}

bool Workspace::is_busy() const { return playing || flying || !is_settled(); }

void Workspace::refine() {
  const auto index = session.selected_track();
  if (!index) {
    session.say("Select an object first");
    return;
  }
  const Track& track = session.document().labels().tracks[*index];
  if (!refiner.start(track)) {
    session.say("Another object is being looked for");
    return;
  }
  session.say("Looking for " + track.id + " in the points");
}

bool Workspace::follow_in_images() {
  const auto& canvas = image_editor.canvas();
  const ImageTrack* track = canvas ? image_editor.labels.selected_track(canvas->camera) : nullptr;
  if (track == nullptr) return false;
  if (std::ranges::find(track->keyframes, canvas->time, &ImageKeyframe::timestamp) == track->keyframes.end()) {
    session.say("Set a keyframe here first (K)");
  } else if (!follower.start(*track, canvas->time)) {
    session.say("Another object is being followed");
  } else {
    session.say("Following " + track->id + " through the images");
  }
  return true;
}

void Workspace::propagate() {
  if (follow_in_images()) return;
  const auto now = session.selected_now();
  if (!now || now->presence != Presence::keyframe) {
    session.say("Select an object and set a keyframe here first (K)");
    return;
  }
  const Track& track = session.track(*now);
  if (!refiner.start_following(track, session.time())) {
    session.say("Another object is being looked for");
    return;
  }
  session.say("Following " + track.id + " through the sweeps");
}

void Workspace::take_refined() {
  if (const auto followed = follower.take()) {
    session.say({});
    if (*followed) {
      const auto& done = **followed;
      if (!done.keyframes.empty()) image_editor.labels.put_computed(done.made_from, done.keyframes, "follow");
      if (!session.message_is_error()) session.say(done.summary);
    } else {
      session.say(followed->error().message, true);
    }
  }
  const auto refined = refiner.take();
  if (!refined) return;
  if (*refined) {
    session.put_refined((*refined)->track, (*refined)->summary);
  } else {
    session.say(refined->error().message, true);
  }
}

std::optional<Workspace::Counts> Workspace::count(const Cuboid& world, const Track& track) const {
  if (!loaded_ || loaded_->number() != session.frame()) return std::nullopt;
  const Cuboid local = local_from_world() * world;
  const std::array both{local, editor::with_margin(local)};
  if (const OwnLidar lidar = own_lidar(session.scene(), track)) {
    const auto inside = static_cast<std::uint32_t>(editor::points_near(*loaded_, both[0], 0, lidar).size());
    return Counts{inside, static_cast<std::uint32_t>(editor::points_near(*loaded_, both[1], 0, lidar).size()) - inside};
  }
  const auto counted = loaded_->index().count(both);
  if (!counted) return std::nullopt;
  return Counts{(*counted)[0], (*counted)[1] - (*counted)[0]};
}

OwnLidar Workspace::selected_lidar() const {
  const auto track = session.selected_track();
  return track ? own_lidar(session.scene(), session.document().labels().tracks[*track]) : OwnLidar{};
}

Workspace::Near Workspace::near(const Cuboid& world, double margin_m) const {
  Near result;
  if (!loaded_) return result;
  for (const std::uint32_t i : editor::points_near(*loaded_, local_from_world() * world, margin_m, selected_lidar())) {
    result.points.push_back(loaded_->points().points[i]);
    result.colours.push_back(i < colours_.colours.size() ? colours_.colours[i] : editor::no_colour);
  }
  return result;
}

std::vector<std::string> Workspace::class_names() const {
  std::vector<std::string> names;
  const auto add = [&](const std::string& name) {
    if (!name.empty() && std::ranges::find(names, name) == names.end()) names.push_back(name);
  };
  for (const ClassDefinition& c : ontology.classes) add(c.name);
  for (const ClassDefinition& c : session.document().labels().ontology.classes) add(c.name);
  // Those that only objects have, by the alphabet: they come and go with the objects.
  std::set<std::string> used;
  const auto use_all = [&](const LabelSet& labels) {
    const auto use = [&](const std::string& name) { used.insert(name); };
    for (const Track& track : labels.tracks) for_each_class(track, use);
    for (const ImageTrack& track : labels.image_tracks) for_each_class(track, use);
  };
  use_all(session.scene().labels);
  const bool dataset_says = ontology_is_given_ || !used.empty();
  use_all(session.document().labels());
  if (!dataset_says) used.insert({"bicycle", "bus", "car", "motorcycle", "pedestrian", "truck", "van"});
  for (const std::string& name : used) add(name);
  return names;
}

editor::Rgba Workspace::colour_of(const std::string& id, const std::string& class_name) const {
  if (colour_mode == ColourMode::track) return editor::track_colour(id);
  return editor::colour_of_class(ontology, class_name);
}

/// That of most objects, or the first there is.
std::string Workspace::usual_class() const {
  std::map<std::string, std::size_t> tracks_of;
  for (const Track& track : session.document().labels().tracks) ++tracks_of[track.class_name];
  for (const ImageTrack& track : session.document().labels().image_tracks) ++tracks_of[track.class_name];
  const auto most = std::ranges::max_element(tracks_of, {}, [](const auto& entry) { return entry.second; });
  if (most != tracks_of.end()) return most->first;
  const auto names = class_names();
  return std::ranges::find(names, "car") != names.end() ? "car" : names.front();
}

editor::NewCuboid Workspace::new_cuboid_options(bool fit) const {
  editor::NewCuboid options;
  const ClassDefinition* known = find_class(ontology, new_class);
  options.usual = known != nullptr && known->usual_size ? *known->usual_size : editor::usual_size(new_class);
  if (loaded_) options.sensor = loaded_->points().sensor;
  // Most traffic goes along the road: the ego heading says which end is the front.
  options.heading_hint = heading_of(session.scene().frames[session.frame()].world_from_ego);
  options.fit = fit;
  return options;
}

bool Workspace::create_local(const Cuboid& cuboid, std::string_view tool_name) {
  return session.create(inverse(local_from_world()) * cuboid, new_class, tool_name);
}

void Workspace::fit_selected(double turned_by) {
  const auto now = session.selected_now();
  if (!now || !loaded_) {
    session.say("Select an object of this frame first");
    return;
  }
  const Pose local = local_from_world();
  const Cuboid turned = editor::turn(local * now->cuboid, turned_by);
  Cuboid grown = turned;
  grown.size = turned.size + Vec3d{0.3, 0.3, 0.3};
  const auto fitted = editor::fit_to_points(
      turned_by == 0 ? turned : grown, editor::places_near(*loaded_, grown, 0, selected_lidar()), loaded_->ground());
  if (!fitted) {
    session.say("There are no points inside to fit to");
    return;
  }
  session.set_cuboid(inverse(local) * *fitted, "fit");
}

}  // namespace sweepmark::ui
