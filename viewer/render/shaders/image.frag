#version 460
// SPDX-License-Identifier: Apache-2.0
// A camera image as the background: the view says which of its pixels each pixel of the picture shows.
#extension GL_GOOGLE_include_directive : require
#include "view.glsl"
layout(set = 1, binding = 0) uniform sampler2D image;
layout(location = 0) out vec4 colour;
void main() {
  vec2 at = 2.0 * gl_FragCoord.xy / vec2(view.size.xy) - 1.0;
  vec2 texel = view.eye.xy + vec2(at.x / view.right.w, at.y / view.up.w) + 0.5;  // 0 is the centre of the first pixel
  vec2 size = vec2(textureSize(image, 0));
  bool outside = any(lessThan(texel, vec2(0.0))) || any(greaterThan(texel, size));
  colour = vec4(outside ? vec3(0.05, 0.055, 0.07) : texture(image, texel / size).rgb, 1.0);
}
