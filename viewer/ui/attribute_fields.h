// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <functional>
#include <string>

#include "data/ontology.h"
#include "tracking/track.h"

namespace sweepmark::ui {

/// Sets an attribute of the object whose fields are drawn. \return whether it could
using SetAttribute = std::function<bool(const std::string& name, const std::string& value)>;

/// A field for each attribute that the ontology defines for a class, with its name before it.
/// \param known          the class; null when the ontology does not have it: no field
/// \param of_object      what holds at all times
/// \param here           what the last keyframe says, which holds before `of_object`
/// \param set_from_here  for the attributes that change over time
void draw_defined_attributes(const ClassDefinition* known, const Attributes& of_object, const Attributes& here,
                             const SetAttribute& set, const SetAttribute& set_from_here);

/// The attributes that the ontology does not define for a class.
Attributes other_attributes(const ClassDefinition* known, Attributes of_object);

/// Fields for them, and one for a new name and value.
class OtherAttributeFields {
 public:
  void draw(const Attributes& others, const SetAttribute& set);

 private:
  std::array<char, 128> name_{}, value_{};
};

}  // namespace sweepmark::ui
