// SPDX-License-Identifier: Apache-2.0
#include "data/ontology.h"

#include <algorithm>

namespace sweepmark {
namespace {

template <class Item>
const Item* find_named(const std::vector<Item>& items, std::string_view name) {
  const auto found = std::ranges::find(items, name, &Item::name);
  return found == items.end() ? nullptr : &*found;
}

}  // namespace

const ClassDefinition* find_class(const Ontology& ontology, std::string_view name) {
  return find_named(ontology.classes, name);
}
const SkeletonDefinition* find_skeleton(const Ontology& ontology, std::string_view name) {
  return find_named(ontology.skeletons, name);
}

}  // namespace sweepmark
