/** Outlines of drawn shapes: curves, rotations and offsets, computed identically on every machine. */

export type Point = readonly [x: number, y: number];

/** A closed polygon. */
export type Outline = readonly Point[];

// Math.sin and Math.cos may differ in the last bit between machines, which would change pixels. IEEE 754
// defines the result of sums, products, quotients and square roots exactly, so only these are used.
const SIN_TERMS = [1, -1 / 6, 1 / 120, -1 / 5040, 1 / 362880];
const COS_TERMS = [1, -1 / 2, 1 / 24, -1 / 720, 1 / 40320];

/** Cosine and sine of an angle in degrees, to about 10⁻⁷. */
export function direction(degrees: number): Point {
  const quarters = Math.floor(degrees / 90 + 0.5);
  const radians = (degrees - 90 * quarters) * (3.141592653589793 / 180);
  const square = radians * radians;
  const sin = radians * polynomial(SIN_TERMS, square);
  const cos = polynomial(COS_TERMS, square);
  switch (((quarters % 4) + 4) % 4) {
    case 0:
      return [cos, sin];
    case 1:
      return [-sin, cos];
    case 2:
      return [-cos, -sin];
    default:
      return [sin, -cos];
  }
}

function polynomial(terms: readonly number[], x: number): number {
  return terms.reduceRight((sum, term) => sum * x + term, 0);
}

/** `points` rotated clockwise (y points down) about `centre`. */
export function turn(points: Outline, centre: Point, degrees: number): Point[] {
  const [cos, sin] = direction(degrees);
  const [cx, cy] = centre;
  return points.map(([x, y]) => [
    cx + cos * (x - cx) - sin * (y - cy),
    cy + sin * (x - cx) + cos * (y - cy),
  ]);
}

/** An ellipse around `centre`; 40 points. */
export function ellipse([cx, cy]: Point, radiusX: number, radiusY: number): Point[] {
  return Array.from({ length: 40 }, (_, i) => {
    const [cos, sin] = direction(9 * i);
    return [cx + radiusX * cos, cy + radiusY * sin];
  });
}

/** The closed Catmull–Rom spline through `points`. */
export function smooth(points: Outline, steps = 8): Point[] {
  const at = (i: number) => points[(i + points.length) % points.length];
  return points.flatMap((_, i) => {
    const [p0, p1, p2, p3] = [at(i - 1), at(i), at(i + 1), at(i + 2)];
    return Array.from({ length: steps }, (_, step): Point => {
      const t = step / steps;
      const coordinate = (k: 0 | 1) =>
        0.5 * (2 * p1[k] + (p2[k] - p0[k]) * t + (2 * p0[k] - 5 * p1[k] + 4 * p2[k] - p3[k]) * t * t +
          (3 * p1[k] - p0[k] - 3 * p2[k] + p3[k]) * t * t * t);
      return [coordinate(0), coordinate(1)];
    });
  });
}

/** Points of a quadratic Bézier curve from `from` towards `to`, without its end. */
export function bend(from: Point, control: Point, to: Point, steps = 8): Point[] {
  return Array.from({ length: steps }, (_, step) => {
    const t = step / steps;
    const [a, b, c] = [(1 - t) * (1 - t), 2 * t * (1 - t), t * t];
    return [a * from[0] + b * control[0] + c * to[0], a * from[1] + b * control[1] + c * to[1]];
  });
}

/** A straight line of the given width. */
export function line(from: Point, to: Point, width: number): Point[] {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const half = width / (2 * Math.sqrt(dx * dx + dy * dy));
  const [nx, ny] = [-dy * half, dx * half];
  return [
    [from[0] + nx, from[1] + ny],
    [to[0] + nx, to[1] + ny],
    [to[0] - nx, to[1] - ny],
    [from[0] - nx, from[1] - ny],
  ];
}

/** The longest mitre of a sharp corner of an offset outline, as a multiple of the offset. */
const MAX_MITRE = 2;

/** `points` moved outwards by `width`. */
export function outset(points: Outline, width: number): Point[] {
  const corners = points.filter((point, i) => {
    const before = points[(i + points.length - 1) % points.length];
    return point[0] !== before[0] || point[1] !== before[1];
  });
  const outwards = signedArea(corners) > 0 ? width : -width;
  const normals = corners.map((from, i): Point => {
    const to = corners[(i + 1) % corners.length];
    const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
    const length = Math.sqrt(dx * dx + dy * dy);
    return [dy / length, -dx / length];
  });
  return corners.map(([x, y], i) => {
    const [ax, ay] = normals[(i + normals.length - 1) % normals.length];
    const [bx, by] = normals[i];
    const [sx, sy] = [ax + bx, ay + by];
    // The mitre along a + b has the length 1 / cos of half the angle: 2 / |a + b|.
    const square = sx * sx + sy * sy;
    const factor = outwards * (square * MAX_MITRE < 4 ? MAX_MITRE / 2 : 2 / square);
    return [x + sx * factor, y + sy * factor];
  });
}

/** Positive for points that run clockwise on the screen, where y points down. */
function signedArea(points: Outline): number {
  return points.reduce((sum, [x, y], i) => {
    const [nextX, nextY] = points[(i + 1) % points.length];
    return sum + x * nextY - nextX * y;
  }, 0);
}
