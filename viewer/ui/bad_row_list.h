// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "viewer/ui/workspace.h"

namespace sweepmark::ui {

/// The dataset's rows that are wrong by themselves and so are no labels, as a list that opens: where each is and what
/// is wrong. A click goes to its frame. Nothing where there are none.
void draw_bad_rows(Workspace& work);

}  // namespace sweepmark::ui
