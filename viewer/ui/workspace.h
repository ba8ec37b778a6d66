// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "viewer/editor/count_timeline.h"
#include "viewer/editor/create_cuboid.h"
#include "viewer/editor/exporter.h"
#include "viewer/editor/frame_cache.h"
#include "viewer/editor/image_cache.h"
#include "viewer/editor/image_editor.h"
#include "viewer/editor/image_follower.h"
#include "viewer/editor/keymap.h"
#include "viewer/editor/playback.h"
#include "viewer/editor/point_colours.h"
#include "viewer/editor/session.h"
#include "viewer/editor/track_refiner.h"
#include "viewer/render/renderer.h"
#include "viewer/render/screen.h"

namespace sweepmark::ui {

/// What the next click in the main view does.
enum class Tool : std::uint8_t { select, click, three_clicks, merge };

/// What all panels share: the session, the points of its frame on the device, where it is looked at from, and what is
/// being done. Knows no ImGui.
class Workspace {
 public:
  /// \param wake  ends the window's wait when something was loaded; called on other threads
  /// \param classes  to choose from, besides those of the labels
  Workspace(std::shared_ptr<const Scene> scene, editor::Document document, Ontology classes, std::string author,
            std::function<TimestampNs()> now, editor::Keymap keymap, render::Renderer& renderer,
            std::function<void()> wake);

  editor::Session session;
  editor::FrameCache frames;
  editor::ImageCache images;
  editor::CountTimeline counts_over_time;
  editor::TrackRefiner refiner;
  editor::ImageFollower follower;
  editor::Exporter exporter;
  editor::Playback playback;
  editor::Keymap keymap;
  Ontology ontology;
  render::Renderer& renderer;

  // What is shown
  editor::ColourMode colour_mode = editor::ColourMode::height;
  float point_size = 2;
  editor::FrameOptions sweeps;
  editor::OrbitCamera camera;  ///< target in the world frame: see local_camera
  bool follow = false, trajectories = false, playing = false, flying = false;
  bool batch_view = false, help = false, exporting = false, commenting = false, show_labels = true;
  double side_zoom = 0.9;
  std::string enlarged_camera;  ///< name of the sensor whose image takes the main view's place; empty: none
  render::ImageLook image_look;
  float fill_opacity = 0.35F;  ///< of masks and polygons in images, 0 to 1

  // What is being done
  Tool tool = Tool::select;
  std::vector<Vec3d> clicks;  ///< of three_clicks, world
  std::string new_class;      ///< of the next new object
  editor::ImageEditor image_editor;
  bool class_from_here = false;             ///< the class chosen next holds from this frame on, not at all times
  std::optional<std::string> hovered;       ///< track under the mouse, in any view
  std::optional<Vec3d> ground_under_mouse;  ///< world; set by the main view, for pasting
  bool screenshot_wanted = false, quit_wanted = false;

  /// The camera whose image is the large view: the enlarged one, or the first where there are no sweeps; empty: the
  /// points are.
  std::string shown_camera() const;
  /// Its image in this frame: index into Scene::images.
  std::optional<std::uint32_t> shown_image() const;

  /// Takes what was loaded, goes on playing, colours anew. \param seconds  since the last call
  void update(double seconds);
  /// Whether something will change without input: playing, loading, refining; a message also goes by itself.
  bool is_busy() const;
  /// Everything that this frame shows is there, and no track is being refined.
  bool is_settled() const;
  void run(editor::Action action, bool is_repeat);
  /// A key that moves the cuboid is held: the edit is made when it is let go.
  bool is_nudging() const { return nudging_ || image_editor.is_nudging(); }
  void end_nudge();

  /// The points that are drawn: of this frame, or of the last one while this is being loaded; null at first.
  const std::shared_ptr<editor::LoadedFrame>& loaded() const { return loaded_; }
  const render::Renderer::Cloud& cloud() const { return cloud_; }
  std::uint64_t content() const { return content_; }
  const editor::PointColours& colours() const { return colours_; }
  Pose local_from_world() const;
  editor::OrbitCamera local_camera() const;

  struct Counts {
    std::uint32_t inside = 0, just_outside = 0;
  };
  /// Of a cuboid of a track in this frame, in points of the LiDAR that the track is about; just outside: see
  /// editor::with_margin. Cost: O(points near it).
  std::optional<Counts> count(const Cuboid& world, const Track& track) const;
  /// The LiDAR that the selected track is about.
  OwnLidar selected_lidar() const;
  /// Points within `margin` of a cuboid of the selected track, with their colours: what side views draw. Local frame.
  struct Near {
    std::vector<Point> points;
    std::vector<editor::Rgba> colours;
  };
  Near near(const Cuboid& world, double margin_m) const;

  /// What a new cuboid of `new_class` starts from. \param heading_hint  radians
  editor::NewCuboid new_cuboid_options(bool fit) const;
  /// A new object. \param cuboid  local frame
  bool create_local(const Cuboid& cuboid, std::string_view tool_name);
  /// The selected cuboid shrunk to its points.
  void fit_selected(double turned_by);
  void look_at(const Vec3d& world, double distance);
  /// A click on an object, in any view or list: selects it, or joins it with the selected one.
  void choose(const std::string& track);
  /// For new objects and the selected one; one that is not known yet becomes part of the ontology. \return chosen
  bool choose_class(const std::string& name);
  /// Of an object in every view: its own where objects are told apart, else its class's, which the ontology may give.
  editor::Rgba colour_of(const std::string& id, const std::string& class_name) const;
  /// The ontology's in its order, then those of the labels; the usual ones of traffic where nothing else was said.
  std::vector<std::string> class_names() const;

 private:
  void note_frame_change();
  bool are_images_there(std::size_t frame) const;
  void take_loaded();
  void refine();
  void propagate();
  /// \return false: the selected object is none of the image
  bool follow_in_images();
  void take_refined();
  void recolour();
  void nudge(editor::Action action);
  /// Of the selected object, and of new ones.
  void choose_class(std::size_t number);
  void reset_view();
  void paste();
  void age_message(double seconds);
  std::string usual_class() const;

  bool ontology_is_given_ = false;  ///< else the usual classes of traffic are offered

  std::shared_ptr<editor::LoadedFrame> loaded_;
  render::Renderer::Cloud cloud_;
  std::uint64_t content_ = 0;
  editor::PointColours colours_;
  std::uint64_t coloured_revision_ = 0;
  std::optional<editor::ColourMode> coloured_mode_;
  std::size_t coloured_images_ = 0;
  std::size_t last_frame_ = 0;
  std::optional<Vec3d> last_followed_;
  editor::FrameOptions sweeps_in_use_;
  std::uint64_t aligned_revision_ = 0, counted_revision_ = 0;
  int direction_ = 1;
  bool nudging_ = false;
  struct Copied {
    Cuboid cuboid;
    std::string class_name;
  };
  std::optional<Copied> copied_;
  std::optional<std::string> reported_failure_;
  std::string shown_message_;
  double message_age_s_ = 0;
};

}  // namespace sweepmark::ui
