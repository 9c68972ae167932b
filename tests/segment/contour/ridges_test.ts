/** The colour gradient and its ridges: strength and direction of edges that are known. */

import assert from "node:assert/strict";
import { colorGradient } from "../../../lib/segment/contour/color_gradient.ts";
import { smooth } from "../../../lib/segment/contour/gaussian.ts";
import { ridges } from "../../../lib/segment/contour/ridges.ts";
import { image } from "../../../lib/vision/image.ts";

const SIDE = 21;

/** Black and white, divided by a straight edge through the middle that is normal to `angle`. */
function edge(angle: number) {
  const picture = image(SIDE, SIDE, "RGB");
  for (let i = 0; i < SIDE * SIDE; i++) {
    const [x, y] = [i % SIDE - 10, Math.floor(i / SIDE) - 10];
    const lit = x * Math.cos(angle) + y * Math.sin(angle) > 0.01;
    picture.data.fill(lit ? 255 : 0, 3 * i, 3 * i + 3);
  }
  return picture;
}

Deno.test("an edge's gradient is normal to it and adds up to its contrast", () => {
  for (const degrees of [0, 45, 90, 135]) {
    const angle = degrees * Math.PI / 180;
    const { magnitude, direction } = colorGradient(edge(angle), 1);
    const at = 10 * SIDE + 10;
    const turn = Math.abs(Math.sin(direction[at] - angle));
    assert.ok(turn < 1e-3, `${degrees}°: ${direction[at]}`);
    assert.ok(magnitude[at] > 20, `${degrees}°: ${magnitude[at]}`);
  }
  const { magnitude } = colorGradient(edge(0), 1);
  const across = magnitude.subarray(10 * SIDE, 11 * SIDE).reduce((sum, value) => sum + value, 0);
  // L* goes from 0 to 100, a* and b* stay.
  assert.ok(Math.abs(across - 100) < 0.5, `${across}`);
});

Deno.test("edges become ridges of at most two pixels, without a gap", () => {
  for (const degrees of [0, 30, 45, 60, 90, 120, 135, 150]) {
    const angle = degrees * Math.PI / 180;
    const gradient = colorGradient(edge(angle), 1);
    const thin = ridges(gradient);
    const alongRows = Math.abs(Math.cos(angle)) < Math.abs(Math.sin(angle));
    for (let line = 3; line < SIDE - 3; line++) {
      let wide = 0;
      for (let across = 0; across < SIDE; across++) {
        const i = alongRows ? across * SIDE + line : line * SIDE + across;
        if (thin[i] > 4) wide++;
        assert.ok(thin[i] === 0 || thin[i] === gradient.magnitude[i]);
      }
      assert.ok(wide >= 1 && wide <= 2, `${degrees}°, line ${line}: ${wide} pixels`);
    }
  }
});

Deno.test("smoothing keeps even planes and the sum of a dot", () => {
  const even = new Float32Array(35).fill(3);
  smooth(even, 7, 5, 0.8, new Float32Array(35));
  assert.ok(even.every((value) => Math.abs(value - 3) < 1e-5));
  const dot = new Float32Array(15 * 15);
  dot[7 * 15 + 7] = 1;
  const spread = dot.slice();
  smooth(spread, 15, 15, 1.5, new Float32Array(dot.length).fill(7));
  assert.ok(Math.abs(spread.reduce((a, b) => a + b, 0) - 1) < 1e-5);
  assert.ok(Math.abs(spread[7 * 15 + 8] / spread[7 * 15 + 7] - Math.exp(-1 / 4.5)) < 1e-5);
});
