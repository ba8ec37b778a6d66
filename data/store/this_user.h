// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "data/store/label_store.h"

namespace sweepmark {

/// Who runs this program: $USER, $LOGNAME, the system's name for the user, or "uid 1000". Never empty.
std::string this_user();

/// An edit by whoever runs this program, now: for programs without an editor's own idea of both.
EditBy by_this_user(std::string tool);

}  // namespace sweepmark
