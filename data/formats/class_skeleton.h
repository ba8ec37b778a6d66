// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "data/ontology.h"

namespace sweepmark {

/// The skeleton of a class; null when the ontology has none for it.
inline const SkeletonDefinition* skeleton_of_class(const Ontology& ontology, std::string_view class_name) {
  const ClassDefinition* found = find_class(ontology, class_name);
  return found == nullptr ? nullptr : find_skeleton(ontology, found->skeleton);
}

}  // namespace sweepmark
