#version 460
// SPDX-License-Identifier: Apache-2.0
#extension GL_GOOGLE_include_directive : require
#include "view.glsl"
layout(set = 0, binding = 0) readonly buffer Visible { uvec2 visible[]; };
layout(location = 0) in vec4 colour;
layout(location = 1) noperspective in float across;
layout(location = 2) flat in float half_width;
layout(location = 3) noperspective in float depth;
layout(location = 0) out vec4 result;
void main() {
  float own = view.forward.w != 0.0 ? 1.0 / depth : depth;
  if (own > view.style.x) discard;  // behind the slab of a side view
  float alpha = colour.a * clamp(half_width + 0.5 - abs(across), 0.0, 1.0);
  if (view.style.w != 0.0) {
    ivec2 at = ivec2(gl_FragCoord.xy);
    uint bits = visible[at.y * int(view.size.x) + at.x].y;
    // What lies behind points stays visible, but pale: a cuboid is never lost in its own object.
    if (bits != nothing && own > uintBitsToFloat(bits) + 0.05) alpha *= 0.45;
  }
  result = vec4(colour.rgb, alpha);
}
