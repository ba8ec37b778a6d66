// SPDX-License-Identifier: Apache-2.0
//
// What the commands of cuboids and of images share about attributes.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "tracking/track.h"

namespace sweepmark::editor {

/// An empty value takes it away.
inline void set_or_erase(Attributes& attributes, std::string_view name, std::string_view value) {
  if (value.empty()) {
    attributes.erase(std::string(name));
  } else {
    attributes[std::string(name)] = value;
  }
}

/// Empty where there is none.
inline std::string value_of_attribute(const Attributes& attributes, std::string_view name) {
  const auto found = attributes.find(std::string(name));
  return found == attributes.end() ? std::string() : found->second;
}

/// An attribute that changes over time holds until the keyframe that says something else.
/// \return that keyframe, or `end`
template <class KeyframeIterator>
KeyframeIterator end_of_value(KeyframeIterator at, KeyframeIterator end, std::string_view name) {
  const std::string value = value_of_attribute(at->attributes, name);
  return std::find_if(at, end, [&](const auto& k) { return value_of_attribute(k.attributes, name) != value; });
}

}  // namespace sweepmark::editor
