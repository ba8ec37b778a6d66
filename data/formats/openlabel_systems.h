// SPDX-License-Identifier: Apache-2.0
//
// The tree of OpenLABEL's coordinate systems.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "data/formats/json_reader.h"
#include "kernels/math/types.h"

namespace sweepmark::openlabel {

using json::Json;

/// The coordinate systems with the transforms that hold in all frames and those of one frame. Its functions throw
/// BadValue.
class Systems {
 public:
  explicit Systems(const Json& openlabel);
  /// Takes in the transforms of one frame, in place of those of the frame before.
  void set_frame(const Json& frame, const std::string& where);
  bool has(const std::string& name) const { return systems_.contains(name); }
  /// \param name  empty: the root
  Pose world_from(std::string name, const std::string& where) const;
  /// Seen from the ego vehicle, where the tree says so.
  Pose ego_from(const std::string& name, const std::string& where) const;
  const std::string& ego() const { return ego_; }

 private:
  struct System {
    std::string parent, type;
    Pose parent_from_this;
  };
  std::map<std::string, System> systems_;
  std::map<std::pair<std::string, std::string>, Pose> of_frame_;
  std::string ego_;
};

}  // namespace sweepmark::openlabel
