#version 460
// SPDX-License-Identifier: Apache-2.0
// Each point competes for the pixels it covers: the nearest wins by one 64-bit atomic (depth, then number).
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_shader_explicit_arithmetic_types_int64 : require
#extension GL_EXT_shader_atomic_int64 : require
#include "view.glsl"
layout(local_size_x = 128) in;
layout(set = 1, binding = 0) readonly buffer Points { vec4 points[]; };
layout(set = 0, binding = 0) buffer Visible { uint64_t visible[]; };

void main() {
  uint i = gl_GlobalInvocationID.x + gl_GlobalInvocationID.y * (gl_NumWorkGroups.x * gl_WorkGroupSize.x);
  if (i >= view.size.z) return;
  vec3 p = points[i].xyz - view.eye.xyz;
  float depth = dot(view.forward.xyz, p);
  if (!(depth >= view.eye.w && depth <= view.style.x)) return;  // NaN fails too
  float w = view.forward.w != 0.0 ? depth : 1.0;
  vec2 at = vec2(1.0 + view.right.w * dot(view.right.xyz, p) / w, 1.0 - view.up.w * dot(view.up.xyz, p) / w) * 0.5 *
            vec2(view.size.xy);
  float wide = view.style.y * (view.forward.w != 0.0 ? 20.0 / depth : 1.0);
  int s = int(clamp(wide + 0.5, max(1.0, min(view.style.y, 2.0)), 8.0));
  if (!(all(greaterThan(at, vec2(-8.0))) && all(lessThan(at, vec2(view.size.xy) + 8.0)))) return;
  ivec2 low = ivec2(floor(at - 0.5 * float(s - 1)));
  ivec2 first = max(low, ivec2(0)), last = min(low + s, ivec2(view.size.xy));
  uint64_t key = (uint64_t(floatBitsToUint(depth)) << 32) | uint64_t(view.size.w + i);
  for (int y = first.y; y < last.y; ++y)
    for (int x = first.x; x < last.x; ++x) {
      uint pixel = uint(y) * view.size.x + uint(x);
      if (visible[pixel] > key) atomicMin(visible[pixel], key);
    }
}
