// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "viewer/render/pipelines.h"
#include "viewer/render/renderer.h"

namespace sweepmark::render {

struct Renderer::State {
  State(bool validation, const PresentTarget* window) : gpu(validation, window), pipelines(gpu) {}

  Gpu gpu;
  Pipelines pipelines;
};

}  // namespace sweepmark::render
