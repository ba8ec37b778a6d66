#version 460
// SPDX-License-Identifier: Apache-2.0
// A camera image as the background, with a layer over it: the view says which of its pixels each pixel of the picture
// shows.
#extension GL_GOOGLE_include_directive : require
#include "view.glsl"
layout(set = 1, binding = 0) uniform sampler2D image;
layout(set = 2, binding = 0) uniform sampler2D layer;  // as large as the image, or coarser
layout(location = 0) out vec4 colour;

// Pixels that are seen as squares stay squares.
vec4 sampled(sampler2D from, vec2 part, bool sharp) {
  ivec2 size = textureSize(from, 0);
  return sharp ? texelFetch(from, clamp(ivec2(part * vec2(size)), ivec2(0), size - 1), 0) : texture(from, part);
}
void main() {
  vec2 at = 2.0 * gl_FragCoord.xy / vec2(view.size.xy) - 1.0;
  vec2 texel = view.eye.xy + vec2(at.x / view.right.w, at.y / view.up.w) + 0.5;  // 0 is the centre of the first pixel
  vec2 size = vec2(textureSize(image, 0));
  if (any(lessThan(texel, vec2(0.0))) || any(greaterThan(texel, size))) {
    colour = vec4(0.05, 0.055, 0.07, 1.0);
    return;
  }
  bool sharp = view.right.w * float(view.size.x) > 2.0 * 3.0;
  vec3 seen = sampled(image, texel / size, sharp).rgb;
  if (view.image_look.z != 1.0) seen = pow(seen, vec3(1.0 / view.image_look.z));
  seen = (seen - 0.5) * view.image_look.y + 0.5 + view.image_look.x;
  vec4 over = sampled(layer, texel / size, sharp);
  colour = vec4(mix(clamp(seen, 0.0, 1.0), over.rgb, over.a), 1.0);
}
