// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "data/image_file.h"

namespace sweepmark::render {

using sweepmark::Picture;
using sweepmark::read_image;
using sweepmark::write_png;

}  // namespace sweepmark::render
