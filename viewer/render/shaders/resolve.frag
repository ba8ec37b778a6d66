#version 460
// SPDX-License-Identifier: Apache-2.0
// Colours each pixel by the point seen there. Eye-dome shading (Boucheny 2009): darker beside what is nearer.
#extension GL_GOOGLE_include_directive : require
#include "view.glsl"
layout(set = 0, binding = 0) readonly buffer Visible { uvec2 visible[]; };  // x: number, y: depth
layout(set = 1, binding = 1) readonly buffer Colours { uint colours[]; };
layout(location = 0) out vec4 colour;

float log_depth(ivec2 at) {
  at = clamp(at, ivec2(0), ivec2(view.size.xy) - 1);
  uint bits = visible[at.y * int(view.size.x) + at.x].y;
  return bits == nothing ? 1e9 : log2(uintBitsToFloat(bits));
}
void main() {
  ivec2 at = ivec2(gl_FragCoord.xy);
  uvec2 here = visible[at.y * int(view.size.x) + at.x];
  if (here.y == nothing) {
    colour = vec4(mix(vec3(0.085, 0.095, 0.115), vec3(0.05, 0.055, 0.07), gl_FragCoord.y / float(view.size.y)), 1.0);
    return;
  }
  float own = log2(uintBitsToFloat(here.y)), nearer = 0.0;
  if (view.style.z > 0.0) {
    nearer += max(0.0, own - log_depth(at + ivec2(1, 0))) + max(0.0, own - log_depth(at - ivec2(1, 0)));
    nearer += max(0.0, own - log_depth(at + ivec2(0, 1))) + max(0.0, own - log_depth(at - ivec2(0, 1)));
  }
  colour = vec4(unpackUnorm4x8(colours[here.x]).rgb * max(0.35, exp(-view.style.z * nearer)), 1.0);
}
