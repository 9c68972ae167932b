/** Writes a program as an ONNX model. Equal programs give equal bytes, so the digest identifies the program. */

import { createHash } from "node:crypto";
import type { Program } from "../graph.ts";
import type { Target } from "./target.ts";
import { ModelWriter } from "./model_writer.ts";
import { ProgramWriter } from "./program_writer.ts";

/** An ONNX model: its inputs and outputs have the program's names. */
export interface OnnxModel {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** SHA-256 of the bytes, hex. */
  readonly digest: string;
}

/**
 * The ONNX model of `program`, with the forms of operations that `target` selects.
 *
 * @param constants inputs whose values are given to the session when it is created: each is an initializer in an
 * external file of the input's name
 */
export function emitOnnx(
  program: Program,
  target: Target = {},
  constants: { has(name: string): boolean } = new Set(),
): OnnxModel {
  const writer = new ModelWriter([...program.inputs.keys(), ...program.outputs.keys()]);
  const written = new ProgramWriter(writer, target, program);
  for (const [name, number] of program.inputs) written.rename(number, name);
  // A value with two names has the first one.
  for (const [name, number] of program.outputs) if (!written.isNamed(number)) written.rename(number, name);
  written.writeSteps();
  writer.label = "output";
  for (const [name, number] of program.outputs) {
    const made = written.nameOf(number);
    if (made !== name) writer.node("Identity", [made], [name]);
  }
  const named = (all: ReadonlyMap<string, number>) =>
    [...all].map(([name, number]) => ({ name, ...program.values[number] }));
  const inputs = named(program.inputs);
  const bytes = writer.finish(
    inputs.filter(({ name }) => !constants.has(name)),
    inputs.filter(({ name }) => constants.has(name)),
    named(program.outputs),
  );
  return { bytes, digest: createHash("sha256").update(bytes).digest("hex") };
}
