// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace sweepmark::ui {

/// What cannot be read in the picture that ImGui has just made: letters cut by the border of their panel or field,
/// texts over each other, signs that the font lacks, and panels whose content is larger than they are and cannot be
/// scrolled. A line for each, with the panel's name. Fields that are typed in scroll by themselves: they are left out.
/// \pre ImGui::Render() was called. Cost: O(letters), and O(lines²) of text in one panel.
std::vector<std::string> unreadable_texts();

/// The item before it shows a part of its text on purpose: a field that is typed in.
void text_scrolls_here();

}  // namespace sweepmark::ui
