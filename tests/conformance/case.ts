/** A conformance case: its JSON, its tensors and its generated tensors. */

import { dirname, join } from "node:path";
import { existsSync } from "node:fs";
import { decodeSafetensors } from "../../lib/nn/checkpoint/safetensors.ts";
import { float32, type HostTensor } from "../../lib/tensor/host_tensor.ts";

// deno-lint-ignore no-explicit-any
export type Json = any;

export interface Tolerance {
  rtol?: number;
  atol?: number;
  ulp?: number;
  exact?: boolean;
}

export interface Case {
  readonly kind: string;
  readonly about: string;
  /** Absolute path of the case's JSON. */
  readonly path: string;
  readonly params: Json;
  readonly expect: Json;
  readonly tolerance: Readonly<Record<string, Tolerance>>;
  /** Stored tensors, and those that params generate, under the names they would have in the file. */
  readonly tensors: ReadonlyMap<string, HostTensor>;
}

/** What a case's runner found: values to compare by name, or faults it saw itself. */
export interface Outcome {
  /** Compared with the case's tensors of the same names (`out.y`, `grad.x`). */
  tensors?: Record<string, HostTensor>;
  /** Compared with `expect`, name by name. */
  values?: Record<string, Json>;
  /** Differences that the runner found by a rule of its suite. */
  faults?: string[];
}

export type Runner = (testCase: Case) => Outcome | Promise<Outcome>;

/** A tensor of the case; an error that names it where it is missing. */
export function tensorOf(testCase: Case, name: string): HostTensor {
  const tensor = testCase.tensors.get(name);
  if (!tensor) throw new Error(`${testCase.path} has no tensor "${name}"`);
  return tensor;
}

/** The case's tensors whose names begin with `prefix`, by the rest of their names. */
export function tensorsUnder(testCase: Case, prefix: string): Map<string, HostTensor> {
  const found = new Map<string, HostTensor>();
  for (const [name, tensor] of testCase.tensors) {
    if (name.startsWith(prefix)) found.set(name.slice(prefix.length), tensor);
  }
  return found;
}

/** A path of the case: `data/…` is looked for in the folders above it, everything else beside it. */
export function pathOf(testCase: Case, path: string): string {
  if (!path.startsWith("data/")) return join(dirname(testCase.path), path);
  for (let folder = dirname(testCase.path);; folder = dirname(folder)) {
    if (existsSync(join(folder, path))) return join(folder, path);
    if (folder === dirname(folder)) {
      throw new Error(`${testCase.path} names "${path}", which is in none of the folders above it`);
    }
  }
}

export function readCase(path: string): Case {
  const json = JSON.parse(Deno.readTextFileSync(path));
  const tensors = json.tensors
    ? decodeSafetensors(Deno.readFileSync(join(dirname(path), json.tensors)))
    : new Map<string, HostTensor>();
  const params = json.params ?? {};
  for (const [name, value] of Object.entries<Json>(params)) {
    if (value?.generate) tensors.set(name, generateTensor(value.generate));
  }
  return {
    kind: json.kind,
    about: json.about ?? "",
    path,
    params,
    expect: json.expect ?? {},
    tolerance: json.tolerance ?? {},
    tensors,
  };
}

export interface GenerateSpec {
  name: string;
  seed: number;
  shape: number[];
  scale: number;
  shift: number;
}

/** A tensor from its name and seed, the same on every machine; the rule is in the fixtures' README. */
export function generateTensor({ name, seed, shape, scale, shift }: GenerateSpec): HostTensor<"float32"> {
  const tensor = float32(shape, new Float32Array(shape.reduce((a, b) => a * b, 1)));
  const start = (fnv1a(name) + Math.imul(seed, 0x9e3779b9)) >>> 0;
  const factor = Math.fround(scale);
  const offset = Math.fround(shift);
  for (let i = 0; i < tensor.data.length; i++) {
    const unit = (mix((start + i) >>> 0) >>> 8) / 2 ** 24;
    tensor.data[i] = Math.fround(Math.fround(2 * unit - 1) * factor) + offset;
  }
  return tensor;
}

function fnv1a(text: string): number {
  let hash = 2166136261;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 16777619) >>> 0;
  return hash;
}

function mix(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}
