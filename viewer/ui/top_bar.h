// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "viewer/ui/layout.h"
#include "viewer/ui/workspace.h"

namespace sweepmark::ui {

/// Scene, saving, undo, and how points are shown.
void draw_top_bar(Workspace& work, const Area& area);
/// What the last call could not do, or did.
void draw_message(Workspace& work, const Area& area);
/// All keys, over everything.
void draw_help(Workspace& work, const Area& area);

}  // namespace sweepmark::ui
