// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
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
  struct Row {
    std::size_t track = 0;
    Presence presence = Presence::absent;
    double distance_m = 0;
    std::uint32_t points = 0;
  };
  enum class Order : int { id, class_name, distance, points };

  void gather(Workspace& work);
  void draw_row(Workspace& work, const Row& row);

  std::array<char, 64> filter_{};
  Order order_ = Order::id;
  bool whole_scene_ = false, unreviewed_only_ = false;
  std::vector<Row> rows_;
  // What the rows were gathered for.
  std::uint64_t revision_ = 0;
  std::size_t frame_ = SIZE_MAX;
  const void* points_ = nullptr;
  std::string scrolled_to_;
};

}  // namespace sweepmark::ui
