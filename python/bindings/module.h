// SPDX-License-Identifier: Apache-2.0
//
// What each binding file adds to the module.
#pragma once

#include <nanobind/nanobind.h>

namespace sweepmark::python {

void bind_geometry(nanobind::module_& m);
void bind_masks(nanobind::module_& m);
void bind_kernels(nanobind::module_& m);
void bind_interpolate(nanobind::module_& m);
void bind_boxes(nanobind::module_& m);
void bind_labels(nanobind::module_& m);
void bind_image_labels(nanobind::module_& m);
void bind_scene(nanobind::module_& m);
void bind_write(nanobind::module_& m);
void bind_store(nanobind::module_& m);
void bind_tracking(nanobind::module_& m);
void bind_checks(nanobind::module_& m);

}  // namespace sweepmark::python
