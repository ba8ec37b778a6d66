// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "viewer/ui/workspace.h"

namespace sweepmark::ui {

/// The classes to choose from, with their keys, and a field for a new one: inside a list or a menu that is open. What
/// is chosen becomes that of the selected object, in all frames or from this one on, and of new ones. \param current
/// shown as chosen
void draw_class_items(Workspace& work, const std::string& current);

}  // namespace sweepmark::ui
