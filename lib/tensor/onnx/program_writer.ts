/** Writes the steps of a program into an ONNX model: of the model's program, or of one within it. */

import { attributesKey, type Program } from "../graph.ts";
import { type HostTensor, hostTensor, int64 } from "../host_tensor.ts";
import {
  type Attributes,
  type Emitter,
  formatType,
  type NamedType,
  type Op,
  type TensorType,
} from "../op.ts";
import type { OnnxAttribute, OnnxGraph } from "./attribute.ts";
import type { Target } from "./target.ts";
import { hostFrom } from "../values.ts";
import type { ModelWriter } from "./model_writer.ts";
import type { NodeProto } from "./proto.ts";

/** The condition of a branch that is taken. */
const ALWAYS = hostTensor("bool", [], Uint8Array.of(1));

/** The key of a step in the target's table of forms: operation, types and attributes. */
export function formKey(op: Op, inputs: readonly TensorType[], attributes: Attributes): string {
  return `${op.name} ${inputs.map(formatType).join(" ")} ${attributesKey(attributes)}`;
}

/** The form that the target selects or, if it selects none or an unknown one, the operation's first form. */
function formOf(
  op: Op,
  inputs: readonly TensorType[],
  attributes: Attributes,
  target: Target,
): string | undefined {
  const forms = op.forms?.(inputs, target);
  const chosen = forms && target.forms?.[formKey(op, inputs, attributes)];
  return chosen !== undefined && forms?.includes(chosen) ? chosen : forms?.[0];
}

/** Receives the nodes of one program. */
export class ProgramWriter implements Emitter {
  readonly #writer: ModelWriter;
  readonly #program: Program;
  readonly #names = new Map<number, string>();
  readonly #used: ReadonlySet<number>;

  constructor(writer: ModelWriter, readonly target: Target, program: Program) {
    this.#writer = writer;
    this.#program = program;
    this.#used = new Set([...program.outputs.values(), ...program.steps.flatMap(({ inputs }) => inputs)]);
  }

  node(
    type: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes?: Readonly<Record<string, OnnxAttribute>>,
  ): void {
    this.#writer.node(type, inputs, outputs, attributes);
  }

  constant(value: HostTensor): string {
    return this.#writer.constant(value);
  }

  fresh(): string {
    return this.#writer.fresh();
  }

  graph(name: string, inputs: readonly NamedType[], write: () => readonly NamedType[]): OnnxGraph {
    const { result, nodes } = this.#writer.apart(write);
    return this.#writer.graphOf(name, nodes, inputs, result);
  }

  inline(program: Program, inputs: ReadonlyMap<string, string>): Map<string, string> {
    const { label } = this.#writer;
    const written = new ProgramWriter(this.#writer, this.target, program);
    for (const [name, number] of program.inputs) written.rename(number, inputs.get(name)!);
    written.writeSteps();
    this.#writer.label = label;
    return new Map([...program.outputs].map(([name, number]) => [name, written.nameOf(number)]));
  }

  nameOf(number: number): string {
    let name = this.#names.get(number);
    if (name === undefined) this.#names.set(number, name = this.#writer.fresh());
    return name;
  }

  isNamed(number: number): boolean {
    return this.#names.has(number);
  }

  /** Gives a value a name that exists already. */
  rename(number: number, name: string): void {
    this.#names.set(number, name);
  }

  /** Writes all steps; the inputs have names. */
  writeSteps(): void {
    const { steps } = this.#program;
    for (let at = 0; at < steps.length;) {
      const { part } = steps[at];
      let end = at + 1;
      while (end < steps.length && steps[end].part === part) end++;
      const write = () => steps.slice(at, end).forEach((step) => this.#writeStep(step));
      if (part === undefined) write();
      else this.#writePart(part, this.#writer.apart(write).nodes);
      at = end;
    }
  }

  #writeStep({ op, inputs, outputs, attributes, label }: Program["steps"][number]): void {
    const writer = this.#writer;
    const { values } = this.#program;
    writer.label = label === "" ? op.name : `${label}/${op.name}`;
    const inputTypes = inputs.map((number) => values[number]);
    const names = op.emit!(this, {
      inputs: inputs.map((number) => this.nameOf(number)),
      outputs: outputs.map((number) => this.#used.has(number) ? this.nameOf(number) : ""),
      attributes,
      inputTypes,
      outputTypes: outputs.map((number) => values[number]),
      form: formOf(op, inputTypes, attributes, this.target),
    });
    if (names) outputs.forEach((number, i) => this.rename(number, names[i]));
  }

  /**
   * Writes a part as the branch of an `If` that is always taken: onnxruntime plans the memory of a branch by itself. In
   * one graph it would hold memory that is free for any later value of the same shape.
   */
  #writePart(part: number, nodes: readonly NodeProto[]): void {
    const writer = this.#writer;
    const read = valuesReadOutside(this.#program, part);
    const named = (names: readonly string[]) =>
      read.map((number, i) => ({ name: names[i], ...this.#program.values[number] }));
    writer.label = `part ${part}`;
    const taken = writer.graphOf(
      `part ${part}`,
      nodes,
      [],
      named(read.map((number) => this.nameOf(number))),
    );
    const never = this.graph(
      `no part ${part}`,
      [],
      () => named(read.map((number) => this.#zeros(this.#program.values[number]))),
    );
    const outputs = read.map(() => writer.fresh());
    writer.node("If", [writer.constant(ALWAYS)], outputs, { then_branch: taken, else_branch: never });
    read.forEach((number, i) => this.rename(number, outputs[i]));
  }

  #zeros({ dtype, shape }: TensorType): string {
    const writer = this.#writer;
    const name = writer.fresh();
    const zero = writer.constant(hostFrom(dtype, [], [0]));
    writer.node("Expand", [zero, writer.constant(int64([shape.length], shape))], [name]);
    return name;
  }
}

/** The values that steps of a part compute and others read. */
function valuesReadOutside({ steps }: Program, part: number): number[] {
  const made = new Set(steps.filter((step) => step.part === part).flatMap(({ outputs }) => outputs));
  const read = new Set(steps.filter((step) => step.part !== part).flatMap(({ inputs }) => inputs));
  return [...made].filter((value) => read.has(value));
}
