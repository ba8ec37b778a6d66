// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "data/store/label_store.h"

namespace sweepmark {

/// An edit by whoever runs this program ($USER), now: for programs without an editor's own idea of both.
EditBy by_this_user(std::string tool);

}  // namespace sweepmark
