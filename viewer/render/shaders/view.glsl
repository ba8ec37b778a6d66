// SPDX-License-Identifier: Apache-2.0
// Mirrors ViewConstants in renderer.cpp.
layout(push_constant) uniform View {
  vec4 right;    // w: scale_x
  vec4 up;       // w: scale_y
  vec4 forward;  // w: 1 in perspective, else 0
  vec4 eye;      // w: near
  uvec4 size;    // width, height, points, id of the first point
  vec4 style;    // far, point size in pixels at 20 m, eye-dome strength, 1 = lines behind points are pale
  vec4 image_look;  // brightness, contrast, gamma
} view;
const uint nothing = 0xFFFFFFFFu;
