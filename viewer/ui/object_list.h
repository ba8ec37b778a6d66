// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "viewer/ui/layout.h"
#include "viewer/ui/workspace.h"

namespace sweepmark::ui {

/// All objects of the frame (or of the scene), to find, sort and select.
class ObjectList {
 public:
  void draw(Workspace& work, const Area& area);

 private:
  /// An object of the points, or of the image that is large.
  struct Row {
    std::string id, class_name;
    Presence presence = Presence::absent;
    bool is_set_by_person = false, is_reviewed = false;
    TimestampNs first = 0;  ///< of its keyframes
    double distance_m = 0;
    std::size_t measure = 0;  ///< points inside; in images, pixels
  };
  enum class Order : int { id, class_name, distance, measure };

  void gather(Workspace& work);
  void gather_objects(Workspace& work);
  void gather_image_objects(Workspace& work);
  void draw_row(Workspace& work, const Row& row);

  std::array<char, 64> filter_{};
  Order order_ = Order::id;
  bool whole_scene_ = false, unreviewed_only_ = false;
  std::vector<Row> rows_;
  // What the rows were gathered for.
  std::uint64_t revision_ = 0;
  std::size_t frame_ = SIZE_MAX;
  const void* points_ = nullptr;
  std::string camera_;
  std::optional<TimestampNs> time_;
  std::string scrolled_to_;
};

}  // namespace sweepmark::ui
