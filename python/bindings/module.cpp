// SPDX-License-Identifier: Apache-2.0
#include "python/bindings/module.h"

#include "kernels/exec/cuda.h"
#include "python/bindings/errors.h"

NB_MODULE(_core, m) {
  using namespace sweepmark::python;
  m.doc() = "The compiled part of sweepmark. Use the names of `sweepmark` itself.";
  m.attr("version") = SWEEPMARK_VERSION;
  m.attr("built_with_cuda") = sweepmark::built_with_cuda();
  register_errors();
  bind_geometry(m);
  bind_masks(m);
  bind_kernels(m);
  bind_interpolate(m);
  bind_boxes(m);
  bind_labels(m);
  bind_image_labels(m);
  bind_scene(m);
  bind_write(m);
  bind_store(m);
  bind_tracking(m);
  bind_checks(m);
}
