// SPDX-License-Identifier: Apache-2.0
#include "data/formats/openlabel_systems.h"

#include <cmath>
#include <cstddef>

#include "kernels/math/rigid.h"

namespace sweepmark::openlabel {
namespace {

using json::fail;

Pose pose_of_matrix(const Json& value, const std::string& where) {
  const auto m = json::numbers<16>(value, where);
  for (int i = 0; i < 3; ++i) {
    for (int j = i; j < 3; ++j) {
      double product = 0;
      for (int k = 0; k < 3; ++k)
        product += m[static_cast<std::size_t>(4 * i + k)] * m[static_cast<std::size_t>(4 * j + k)];
      if (!(std::abs(product - (i == j ? 1 : 0)) < 1e-2)) fail(where, "a rotation in the first three columns");
    }
  }
  return {quat_from_matrix({{{m[0], m[1], m[2]}, {m[4], m[5], m[6]}, {m[8], m[9], m[10]}}}), {m[3], m[7], m[11]}};
}

Pose transform_data(const Json& data, const std::string& where) {
  if (const Json* matrix = json::optional_member(data, "matrix4x4"))
    return pose_of_matrix(*matrix, where + "/matrix4x4");
  const auto t = json::numbers<3>(json::member(data, "translation", where), where + "/translation");
  if (const Json* quaternion = json::optional_member(data, "quaternion")) {
    const auto q = json::numbers<4>(*quaternion, where + "/quaternion");
    return {normalized(json::unit_quaternion(q[3], q[0], q[1], q[2], where + "/quaternion")), {t[0], t[1], t[2]}};
  }
  const auto e = json::numbers<3>(json::member(data, "euler_angles", where), where + "/euler_angles");
  const Json* sequence = json::optional_member(data, "sequence");
  if (sequence != nullptr && json::text(*sequence, where + "/sequence") != "ZYX")
    fail(where + "/sequence", "\"ZYX\", got " + sequence->dump());
  return {quat_from_euler(e[0], e[1], e[2]), {t[0], t[1], t[2]}};
}

}  // namespace

Systems::Systems(const Json& openlabel) {
  const Json* systems = json::optional_member(openlabel, "coordinate_systems");
  if (systems == nullptr) return;
  const std::string where = "/openlabel/coordinate_systems";
  for (const auto& [name, system] : json::object(*systems, where).items()) {
    const std::string at = where + "/" + name;
    System s;
    s.parent = json::text_of(system, "parent", at);
    s.type = json::text_of(system, "type", at);
    if (const Json* pose = json::optional_member(system, "pose_wrt_parent"))
      s.parent_from_this = transform_data(*pose, at + "/pose_wrt_parent");
    systems_[name] = s;
    if (s.type == "local_cs" && ego_.empty()) ego_ = name;
  }
  for (const auto& [name, system] : systems_) {
    if (!system.parent.empty() && !systems_.contains(system.parent))
      fail(where + "/" + name + "/parent", "the name of a coordinate system, got \"" + system.parent + "\"");
  }
}

void Systems::set_frame(const Json& frame, const std::string& where) {
  of_frame_.clear();
  const Json* properties = json::optional_member(frame, "frame_properties");
  const Json* transforms = properties == nullptr ? nullptr : json::optional_member(*properties, "transforms");
  if (transforms == nullptr) return;
  for (const auto& [name, transform] : json::object(*transforms, where + "/frame_properties/transforms").items()) {
    const std::string at = where + "/frame_properties/transforms/" + name;
    const std::string src = json::text_of(transform, "src", at), dst = json::text_of(transform, "dst", at);
    const Pose dst_from_src =
        transform_data(json::member(transform, "transform_src_to_dst", at), at + "/transform_src_to_dst");
    of_frame_[{src, dst}] = dst_from_src;
    of_frame_[{dst, src}] = inverse(dst_from_src);
  }
}

Pose Systems::world_from(std::string name, const std::string& where) const {
  Pose pose;
  for (std::size_t steps = 0; !name.empty(); ++steps) {
    const auto found = systems_.find(name);
    if (found == systems_.end()) {
      if (systems_.empty()) return pose;  // names without a tree: all one frame
      fail(where, "the name of a coordinate system, got \"" + name + "\"");
    }
    if (steps > systems_.size()) fail("/openlabel/coordinate_systems/" + name, "parents that end at a root");
    if (!found->second.parent.empty()) {
      const auto moving = of_frame_.find({name, found->second.parent});
      pose = (moving != of_frame_.end() ? moving->second : found->second.parent_from_this) * pose;
    }
    name = found->second.parent;
  }
  return pose;
}

Pose Systems::ego_from(const std::string& name, const std::string& where) const {
  if (!systems_.contains(name)) return {};
  return inverse(world_from(ego_, where)) * world_from(name, where);
}

}  // namespace sweepmark::openlabel
