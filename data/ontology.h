// SPDX-License-Identifier: Apache-2.0
//
// What can be labelled: classes, their attributes, skeletons. docs/formats/ontology.md describes its file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kernels/math/types.h"

namespace sweepmark {

enum class AttributeKind : std::uint8_t { text, number, flag, choice };

struct AttributeDefinition {
  std::string name;
  AttributeKind kind = AttributeKind::text;
  std::vector<std::string> choices = {};  ///< for `choice`
  std::string default_value = {};
  bool changes_over_time = false;  ///< set at keyframes; else once for a track
  friend bool operator==(const AttributeDefinition&, const AttributeDefinition&) = default;
};

struct SkeletonDefinition {
  std::string name;                                                 ///< unique
  std::vector<std::string> points = {};                             ///< in the order of `Skeleton::points`
  std::vector<std::pair<std::uint32_t, std::uint32_t>> edges = {};  ///< indices into `points`
  friend bool operator==(const SkeletonDefinition&, const SkeletonDefinition&) = default;
};

struct ClassDefinition {
  std::string name;                         ///< unique; what `class_name` of tracks says
  std::optional<std::int64_t> number = {};  ///< the dataset's id of the class, as in point labels and panoptic images
  std::string parent = {};                  ///< a wider class, or empty
  std::string color = {};                   ///< "#rrggbb" or empty
  std::string skeleton = {};                ///< name of a `SkeletonDefinition`, or empty
  bool is_countable = true;                 ///< things, unlike road or sky
  std::optional<Vec3d> usual_size = {};     ///< length, width, height in metres: what new cuboids begin with
  std::vector<AttributeDefinition> attributes = {};
  friend bool operator==(const ClassDefinition&, const ClassDefinition&) = default;
};

struct Ontology {
  std::vector<ClassDefinition> classes = {};
  std::vector<SkeletonDefinition> skeletons = {};
  friend bool operator==(const Ontology&, const Ontology&) = default;
};

/// Null when there is none of that name.
const ClassDefinition* find_class(const Ontology& ontology, std::string_view name);
const SkeletonDefinition* find_skeleton(const Ontology& ontology, std::string_view name);

}  // namespace sweepmark
