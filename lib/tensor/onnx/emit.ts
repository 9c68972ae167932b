/** Writes a program as an ONNX model. Equal programs give equal bytes, so the digest identifies the program. */

import { createHash } from "node:crypto";
import { attributesKey, type Program } from "../graph.ts";
import { type HostTensor, hostTensor, int64 } from "../host_tensor.ts";
import { bytesOf, contentKey, hostFrom } from "../values.ts";
import {
  type Attributes,
  type ElementType,
  type Emitter,
  formatType,
  type OnnxAttribute,
  type Op,
  type Target,
  type TensorType,
} from "../op.ts";
import { DATA_TYPE } from "./data_type.ts";
import {
  ATTRIBUTE_TYPE,
  type AttributeProto,
  encodeModel,
  EXTERNAL,
  type GraphProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from "./proto.ts";

/** The version of the ONNX operator set that the model declares. */
export const OPSET = 20;
const IR_VERSION = 9;

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
  const writer = new ModelWriter(program, target);
  for (const { op, inputs, outputs, attributes, label, part } of program.steps) {
    writer.enter(part);
    writer.label = label === "" ? op.name : `${label}/${op.name}`;
    const inputTypes = inputs.map((number) => program.values[number]);
    const names = op.emit!(writer, {
      inputs: inputs.map((number) => writer.nameOf(number)),
      outputs: outputs.map((number) => writer.isUsed(number) ? writer.nameOf(number) : ""),
      attributes,
      inputTypes,
      outputTypes: outputs.map((number) => program.values[number]),
      form: formOf(op, inputTypes, attributes, target),
    });
    if (names) outputs.forEach((number, i) => writer.rename(number, names[i]));
  }
  const bytes = writer.finish(constants);
  return { bytes, digest: createHash("sha256").update(bytes).digest("hex") };
}

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

class ModelWriter implements Emitter {
  label = "";
  readonly #program: Program;
  readonly #names = new Map<number, string>();
  readonly #used = new Set<number>();
  readonly #reserved: ReadonlySet<string>;
  /** All nodes of the model's graph, and the place to which nodes are added: there, or to a part's graph. */
  readonly #all: NodeProto[] = [];
  #nodes = this.#all;
  #part: number | undefined;
  #nodeCount = 0;
  readonly #domains = new Set<string>();
  readonly #initializers = new Map<string, TensorProto>();
  #count = 0;

  constructor(program: Program, readonly target: Target) {
    this.#program = program;
    this.#reserved = new Set([...program.inputs.keys(), ...program.outputs.keys()]);
    for (const [name, number] of program.inputs) this.#names.set(number, name);
    for (const [name, number] of program.outputs) {
      this.#used.add(number);
      if (!this.#names.has(number)) this.#names.set(number, name);
    }
    for (const { inputs } of program.steps) for (const number of inputs) this.#used.add(number);
  }

  nameOf(number: number): string {
    let name = this.#names.get(number);
    if (name === undefined) this.#names.set(number, name = this.fresh());
    return name;
  }

  /** Gives a value a name that exists already. */
  rename(number: number, name: string): void {
    this.#names.set(number, name);
  }

  isUsed(number: number): boolean {
    return this.#used.has(number);
  }

  fresh(): string {
    let name: string;
    do name = `v${this.#count++}`; while (this.#reserved.has(name));
    return name;
  }

  node(
    type: string,
    input: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute | { readonly graph: GraphProto }>> = {},
  ): void {
    const output = [...outputs];
    while (output.at(-1) === "") output.pop();
    const attribute = Object.entries(attributes).map(([name, value]) => encodeAttribute(name, value));
    const dot = type.lastIndexOf(".");
    const [domain, opType] = [type.slice(0, Math.max(dot, 0)), type.slice(dot + 1)];
    if (domain !== "") this.#domains.add(domain);
    this.#nodes.push({
      opType,
      domain,
      name: `${this.#nodeCount++} ${this.label}`,
      input,
      output,
      attribute,
    });
  }

  constant(value: HostTensor): string {
    const rawData = bytesOf(value);
    const key = contentKey(value);
    let known = this.#initializers.get(key);
    if (!known) {
      const dataType = DATA_TYPE[value.dtype as ElementType];
      this.#initializers.set(key, known = { name: this.fresh(), dataType, dims: value.shape, rawData });
    }
    return known.name;
  }

  /** Begins or continues a part of the program, or its rest; nodes that follow belong to it. */
  enter(part: number | undefined): void {
    if (part === this.#part) return;
    if (this.#part !== undefined) this.#leave(this.#part);
    this.#part = part;
    this.#nodes = part === undefined ? this.#all : [];
  }

  /**
   * Writes a part as the branch of an `If` that is always taken: onnxruntime plans the memory of a branch by itself. In
   * one graph it would hold memory that is free for any later value of the same shape.
   */
  #leave(part: number): void {
    const nodes = this.#nodes;
    const made = new Set(nodes.flatMap(({ output }) => output));
    const read = valuesReadOutside(this.#program, part);
    const inner = read.map((number) => this.nameOf(number));
    this.label = `part ${part}`;
    const names = inner.map((name) => {
      if (made.has(name)) return name;
      const copy = this.fresh();
      this.node("Identity", [name], [copy]);
      return copy;
    });
    const types = read.map((number) => this.#program.values[number]);
    const never = this.#nodes = [];
    const others = types.map((type) => this.#zeros(type));
    this.#nodes = this.#all;
    const graph = (name: string, node: readonly NodeProto[], outputs: readonly string[]) => ({
      graph: { name, node, output: outputs.map((output, i) => valueInfo(output, types[i])) },
    });
    const outputs = read.map(() => this.fresh());
    this.node("If", [this.constant(ALWAYS)], outputs, {
      then_branch: graph(`part ${part}`, nodes, names),
      else_branch: graph(`no part ${part}`, never, others),
    });
    read.forEach((number, i) => this.rename(number, outputs[i]));
  }

  #zeros({ dtype, shape }: TensorType): string {
    const name = this.fresh();
    const zero = this.constant(hostFrom(dtype, [], [0]));
    this.node("Expand", [zero, this.constant(int64([shape.length], shape))], [name]);
    return name;
  }

  /** The operator domains of the nodes, other than ONNX's own. */
  #extensions(): { domain: string; version: number }[] {
    return [...this.#domains].sort().map((domain) => ({ domain, version: 1 }));
  }

  finish(constants: { has(name: string): boolean }): Uint8Array<ArrayBuffer> {
    this.enter(undefined);
    this.label = "output";
    for (const [name, number] of this.#program.outputs) {
      if (this.#names.get(number) !== name) this.node("Identity", [this.nameOf(number)], [name]);
    }
    const infos = (named: ReadonlyMap<string, number>) =>
      [...named].map(([name, number]) => valueInfo(name, this.#program.values[number]));
    return encodeModel({
      irVersion: IR_VERSION,
      producerName: "protoflow",
      opsetImport: [{ domain: "", version: OPSET }, ...this.#extensions()],
      graph: {
        name: "program",
        node: this.#all,
        initializer: [
          ...this.#initializers.values(),
          ...[...this.#program.inputs].filter(([name]) => constants.has(name)).map(([name, number]) =>
            externalTensor(name, this.#program.values[number])
          ),
        ],
        input: infos(new Map([...this.#program.inputs].filter(([name]) => !constants.has(name)))),
        output: infos(this.#program.outputs),
      },
    });
  }
}

function valueInfo(name: string, { dtype, shape }: TensorType): ValueInfoProto {
  const dim = shape.map((dimValue) => ({ dimValue }));
  return { name, type: { tensorType: { elemType: DATA_TYPE[dtype], shape: { dim } } } };
}

function externalTensor(name: string, { dtype, shape }: TensorType): TensorProto {
  const externalData = [{ key: "location", value: name }];
  return { name, dataType: DATA_TYPE[dtype], dims: shape, externalData, dataLocation: EXTERNAL };
}

/** The condition of a branch that is taken. */
const ALWAYS = hostTensor("bool", [], Uint8Array.of(1));

/** The values that steps of a part compute and others read. */
function valuesReadOutside({ steps }: Program, part: number): number[] {
  const made = new Set(steps.filter((step) => step.part === part).flatMap(({ outputs }) => outputs));
  const read = new Set(steps.filter((step) => step.part !== part).flatMap(({ inputs }) => inputs));
  return [...made].filter((value) => read.has(value));
}

function encodeAttribute(
  name: string,
  value: OnnxAttribute | { readonly graph: GraphProto },
): AttributeProto {
  if (typeof value === "number") return { name, type: ATTRIBUTE_TYPE.int, i: value };
  if (typeof value === "string") {
    return { name, type: ATTRIBUTE_TYPE.string, s: new TextEncoder().encode(value) };
  }
  if ("graph" in value) return { name, type: ATTRIBUTE_TYPE.graph, g: value.graph };
  if ("float" in value) return { name, type: ATTRIBUTE_TYPE.float, f: value.float };
  return { name, type: ATTRIBUTE_TYPE.ints, ints: value };
}
