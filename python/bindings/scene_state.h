// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "data/scene.h"
#include "python/bindings/labels_state.h"

namespace sweepmark::python {

/// A scene as Python holds it. Nothing of it changes but its labels.
struct OpenScene {
  std::shared_ptr<Scene> scene;
  Labels labels;  ///< of that scene

  const Scene& get() const { return *scene; }
};

OpenScene open_of(Scene&& scene);

}  // namespace sweepmark::python
