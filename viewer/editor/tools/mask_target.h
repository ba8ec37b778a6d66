// SPDX-License-Identifier: Apache-2.0
//
// For tools that make masks: whose mask it is, and how what was made becomes an edit.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "viewer/editor/tools/image_tool.h"

namespace sweepmark::editor {

/// The selected object as it was when a tool began with it, or a new one.
class MaskTarget {
 public:
  /// \return the mask to begin with; nothing: nothing can be painted here, which is said
  std::optional<Mask> begin(ImageWork& work);
  /// Makes it the object's: outlines become masks in all of its keyframes. \return whether it was stored
  bool commit(ImageWork& work, Mask mask, std::string_view tool);

  const std::string& id() const { return id_; }  ///< empty: a new object

 private:
  std::string id_;
  ImageValue before_;
};

/// Escape when nothing is being painted: the next stroke is a new object's. \return false: nothing was selected
bool unselect(ImageWork& work);

/// "car 7" or "a new car", for hints.
std::string name_of_target(const ImageWork& work);

}  // namespace sweepmark::editor
