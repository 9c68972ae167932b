/** Probabilities of the normal distribution, against values computed with 50 digits. */

import assert from "node:assert/strict";
import { logNormalCdf, logNormalMass } from "../../lib/tuning/normal.ts";

function near(got: number, expected: number, what: string): void {
  assert.ok(
    Math.abs(got - expected) <= 2e-14 * Math.max(1, Math.abs(expected)),
    `${what}: ${got}, expected ${expected}`,
  );
}

const CDF: readonly (readonly [number, number])[] = [
  [-120, -7205.7064997083789644],
  [-40, -804.60844201375378817],
  [-9, -43.628149113332115497],
  [-8.6, -40.063792383844219038],
  [-5, -15.064998393988725736],
  [-3, -6.6077262215103495433],
  [-2.9, -6.2840582349474184201],
  [-2.8284, -6.0580037047858151265],
  [-2.82, -6.0317939653849810473],
  [-2.5, -5.0816482772786904984],
  [-2, -3.7831843336820319488],
  [-1.5, -2.705944400823889807],
  [-1, -1.8410216450092635058],
  [-0.3, -0.96210281816885065666],
  [0, -0.69314718055994530942],
  [0.2, -0.54600435372277411758],
  [1, -0.17275377902344988953],
  [2.7, -0.0034729976838374659276],
  [2.9, -0.0018675560981809216533],
  [4, -0.00003167174337748926386],
  [8.4, -2.2323931972880436121e-17],
];

const MASS: readonly (readonly [number, number, number])[] = [
  [-1, 1, -0.38171514630212607227],
  [-9, 0.5, -0.36894641528865639323],
  [-100, 100, 0.0],
  [0, 1, -1.0748623268620713817],
  [2, 3, -3.844353426334205621],
  [-3, -2.5, -5.3267647240790622482],
  [40, 40.5, -804.60844201555032101],
  [-60, -59, -1745.4967630448585413],
  [8, 9, -35.013618593437148117],
  [-0.01, 0.01, -4.8309782051883746879],
  [5, 5.001, -20.329192936978384058],
  [-8.6, 8.4, -2.6309736935728618117e-17],
  [-2.9, 2.8, -0.0044307449000120466863],
];

Deno.test("the logarithm of a probability is exact in both tails and around each change of method", () => {
  for (const [x, expected] of CDF) near(logNormalCdf(x), expected, `log Φ(${x})`);
});

Deno.test("the mass of an interval is exact wherever it lies", () => {
  for (const [low, high, expected] of MASS) {
    // The difference of two close probabilities loses digits as they come near each other.
    const lost = Math.max(1, 1 / (high - low));
    const got = logNormalMass(low, high);
    assert.ok(
      Math.abs(got - expected) <= 2e-13 * lost * Math.max(1, Math.abs(expected)),
      `${low} to ${high}: ${got}, expected ${expected}`,
    );
  }
  assert.equal(logNormalMass(1, 1), -Infinity);
});
