#version 460
// SPDX-License-Identifier: Apache-2.0
// A segment becomes a quad that is as wide in pixels as asked, plus one pixel for soft edges.
#extension GL_GOOGLE_include_directive : require
#include "view.glsl"
struct Segment { vec3 a; uint colour; vec3 b; float width; };
layout(set = 0, binding = 1, std430) readonly buffer Segments { Segment segments[]; };
layout(location = 0) out vec4 colour;
layout(location = 1) noperspective out float across;  // pixels from the middle of the line
layout(location = 2) flat out float half_width;
layout(location = 3) noperspective out float depth;  // its inverse in perspective: linear on the screen

vec3 seen(vec3 p) {
  p -= view.eye.xyz;
  return vec3(dot(view.right.xyz, p), dot(view.up.xyz, p), dot(view.forward.xyz, p));
}
vec2 pixel(vec3 p) {
  float w = view.forward.w != 0.0 ? p.z : 1.0;
  return vec2(1.0 + view.right.w * p.x / w, 1.0 - view.up.w * p.y / w) * 0.5 * vec2(view.size.xy);
}
void main() {
  Segment s = segments[gl_InstanceIndex];
  vec3 a = seen(s.a), b = seen(s.b);
  float near = view.eye.w;
  gl_Position = vec4(2.0, 2.0, 0.0, 1.0);
  if (a.z < near && b.z < near) return;
  if (a.z < near) a = mix(b, a, (b.z - near) / (b.z - a.z));
  if (b.z < near) b = mix(a, b, (a.z - near) / (a.z - b.z));
  vec2 from = pixel(a), to = pixel(b), along = to - from;
  along = length(along) > 1e-4 ? normalize(along) : vec2(1.0, 0.0);
  half_width = 0.5 * s.width;
  float reach = half_width + 1.0, side = (gl_VertexIndex & 1) == 0 ? -1.0 : 1.0;
  bool at_b = gl_VertexIndex >= 2;
  vec2 at = (at_b ? to + along * half_width : from - along * half_width) + vec2(-along.y, along.x) * side * reach;
  across = side * reach;
  float z = at_b ? b.z : a.z;
  depth = view.forward.w != 0.0 ? 1.0 / z : z;
  colour = unpackUnorm4x8(s.colour);
  gl_Position = vec4(at / vec2(view.size.xy) * 2.0 - 1.0, 0.0, 1.0);
}
