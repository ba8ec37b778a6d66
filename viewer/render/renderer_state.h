// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "viewer/render/device_cloud.h"
#include "viewer/render/pipelines.h"
#include "viewer/render/renderer.h"

namespace sweepmark::render {

struct Renderer::State {
  State(bool validation, const PresentTarget* window) : gpu(validation, window), pipelines(gpu) {}

  Gpu gpu;
  Pipelines pipelines;
  std::unique_ptr<DeviceImage> no_layer;  ///< over images that have none
};

}  // namespace sweepmark::render
