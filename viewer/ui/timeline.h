// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "viewer/ui/layout.h"
#include "viewer/ui/workspace.h"

namespace sweepmark::ui {

/// Frames from left to right; for each track where it is, its keyframes, absences and points over time.
class Timeline {
 public:
  void draw(Workspace& work, const Area& area);

 private:
  /// What a row shows of a track, in 3D or of the image that is large.
  struct Lane {
    std::string id, class_name;
    std::vector<AbsenceSpan> absences;
    struct Mark {
      TimestampNs timestamp = 0;
      bool is_set_by_person = true;
      std::optional<double> score;
    };
    std::vector<Mark> marks;           ///< ascending
    std::optional<std::size_t> track;  ///< index into the labels' tracks, of those in 3D
    std::vector<LaterClass> later_classes;
  };
  template <class Track>
  static Lane lane_of(const Track& track);
  void draw_rows(Workspace& work, float wide);
  void draw_controls(Workspace& work);
  static void draw_follow(Workspace& work);
  void draw_track_controls(Workspace& work);
  void draw_ruler(Workspace& work, ImDrawList* list, const Area& lane);
  void draw_comments(const Workspace& work, ImDrawList* list, const Area& ruler) const;
  void draw_track(Workspace& work, ImDrawList* list, const Area& area, const Lane& lane, bool large);
  /// Points inside over time, as bars: full height is the most that this track has.
  void draw_points(Workspace& work, ImDrawList* list, const Area& lane, std::size_t track, ImU32 colour) const;
  float x_of(const Workspace& work, const Area& lane, double frame) const;
  /// The frame at a time, with a fraction between two.
  static double frame_of(const Workspace& work, TimestampNs time);

  std::string scrolled_to_;
};

}  // namespace sweepmark::ui
