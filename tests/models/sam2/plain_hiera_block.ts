/** One block of Hiera in plain loops of float64, after arXiv:2306.00989 and the order of steps of SAM 2's code. */

import type { TrunkBlock } from "../../../lib/models/sam2/trunk_blocks.ts";
import type { HostTensor } from "../../../lib/tensor/host_tensor.ts";

/** [height, width, channels], row-major. */
export interface PlainMap {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly data: Float64Array;
}

type Weights = ReadonlyMap<string, HostTensor>;
type Row = Float64Array;

function affine(row: Row, name: string, weights: Weights): Row {
  const [weight, bias] = ["weight", "bias"].map((part) =>
    weights.get(`${name}.${part}`)!.data as Float32Array
  );
  return Float64Array.from(
    bias,
    (start, out) => row.reduce((sum, value, i) => sum + value * weight[out * row.length + i], start),
  );
}

function normalise(row: Row, name: string, weights: Weights): Row {
  const [weight, bias] = ["weight", "bias"].map((part) =>
    weights.get(`${name}.${part}`)!.data as Float32Array
  );
  const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
  const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length;
  return row.map((value, i) => (value - mean) / Math.sqrt(variance + 1e-6) * weight[i] + bias[i]);
}

/** The error function by its series, to 1e-12 for the values that occur. */
function erf(x: number): number {
  if (Math.abs(x) > 5) return Math.sign(x);
  let term = x, sum = x;
  for (let n = 1; n < 120; n++) sum += (term *= -x * x / n) / (2 * n + 1);
  return 2 / Math.sqrt(Math.PI) * sum;
}

/** Rows of a grid; those outside of it are undefined. */
class Grid {
  constructor(readonly height: number, readonly width: number, readonly rows: Row[]) {}

  at(y: number, x: number): Row | undefined {
    return y < this.height && x < this.width ? this.rows[y * this.width + x] : undefined;
  }

  map(body: (row: Row) => Row): Grid {
    return new Grid(this.height, this.width, this.rows.map(body));
  }

  /** The maximum of 2 × 2 rows each; a last odd line is dropped. */
  pooled(): Grid {
    const [height, width] = [this.height >> 1, this.width >> 1];
    const rows = Array.from({ length: height * width }, (_, at) => {
      const [y, x] = [2 * Math.floor(at / width), 2 * (at % width)];
      const four = [this.at(y, x)!, this.at(y, x + 1)!, this.at(y + 1, x)!, this.at(y + 1, x + 1)!];
      return four[0].map((_, c) => Math.max(...four.map((row) => row[c])));
    });
    return new Grid(height, width, rows);
  }
}

/** softmax(q·kᵀ/√d)·v of every query, head by head, then the projection. */
function attend(tokens: Grid, { name, heads, pooled }: TrunkBlock, weights: Weights): Grid {
  const projected = tokens.map((row) => affine(row, `${name}.attn.qkv`, weights));
  const channels = projected.rows[0].length / 3;
  const part = (i: number) => projected.map((row) => row.slice(i * channels, (i + 1) * channels));
  const [q, k, v] = [pooled ? part(0).pooled() : part(0), part(1), part(2)];
  const size = channels / heads;
  return q.map((query) => {
    const out = new Float64Array(channels);
    for (let head = 0; head < heads; head++) {
      const [from, to] = [head * size, (head + 1) * size];
      const own = query.subarray(from, to);
      const scores = k.rows.map((key) =>
        own.reduce((sum, value, c) => sum + value * key[from + c], 0) / Math.sqrt(size)
      );
      const most = Math.max(...scores);
      const shares = scores.map((score) => Math.exp(score - most));
      const total = shares.reduce((a, b) => a + b);
      for (let c = from; c < to; c++) {
        out[c] = v.rows.reduce((sum, value, i) => sum + value[c] * shares[i], 0) / total;
      }
    }
    return affine(out, `${name}.attn.proj`, weights);
  });
}

/** Attention window by window: places outside of the map are zeros, and are dropped again. */
function attendInWindows(tokens: Grid, block: TrunkBlock, weights: Weights): Grid {
  const { window, pooled } = block;
  if (window === 0) return attend(tokens, block, weights);
  const step = pooled ? 2 : 1;
  const [height, width] = [Math.floor(tokens.height / step), Math.floor(tokens.width / step)];
  const side = Math.floor(window / step);
  const rows = Array<Row>(height * width);
  const zeros = new Float64Array(tokens.rows[0].length);
  for (let top = 0; top * window < tokens.height; top++) {
    for (let left = 0; left * window < tokens.width; left++) {
      const cut = Array.from(
        { length: window ** 2 },
        (_, at) => tokens.at(top * window + Math.floor(at / window), left * window + at % window) ?? zeros,
      );
      // Windows stand beside each other by their own side, which pooling has halved, rounded down.
      attend(new Grid(window, window, cut), block, weights).rows.forEach((row, at) => {
        const [y, x] = [top * side + Math.floor(at / side), left * side + at % side];
        if (y < height && x < width) rows[y * width + x] = row;
      });
    }
  }
  return new Grid(height, width, rows);
}

/** x + attention(norm1(x)), then + MLP(norm2(·)); where channels change the shortcut is a projection of norm1(x). */
export function plainBlock(map: PlainMap, block: TrunkBlock, weights: Weights): PlainMap {
  const { name, channelsIn, channels, pooled } = block;
  const { height, width, data } = map;
  const x = new Grid(
    height,
    width,
    Array.from({ length: height * width }, (_, at) => data.slice(at * channelsIn, (at + 1) * channelsIn)),
  );
  const normalised = x.map((row) => normalise(row, `${name}.norm1`, weights));
  const projected = channelsIn === channels
    ? x
    : normalised.map((row) => affine(row, `${name}.proj`, weights));
  const shortcut = pooled ? projected.pooled() : projected;
  const attended = attendInWindows(normalised, block, weights);
  const rows = attended.rows.map((row, at) => {
    const sum = row.map((value, c) => value + shortcut.rows[at][c]);
    const hidden = affine(normalise(sum, `${name}.norm2`, weights), `${name}.mlp.layers.0`, weights)
      .map((value) => value * (1 + erf(value / Math.SQRT2)) / 2);
    const change = affine(hidden, `${name}.mlp.layers.1`, weights);
    return sum.map((value, c) => value + change[c]);
  });
  return {
    height: attended.height,
    width: attended.width,
    channels,
    data: Float64Array.from(rows.flatMap((row) => [...row])),
  };
}
