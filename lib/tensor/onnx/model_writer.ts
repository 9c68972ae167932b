/** The nodes, constants and graphs of an ONNX model while it is written. */

import type { HostTensor } from "../host_tensor.ts";
import type { ElementType, NamedType } from "../op.ts";
import type { OnnxAttribute, OnnxGraph } from "./attribute.ts";
import { bytesOf, contentKey } from "../values.ts";
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
const OPSET = 20;
const IR_VERSION = 9;

export class ModelWriter {
  /** The label of the nodes that follow. */
  label = "";
  readonly #reserved: ReadonlySet<string>;
  /** The graph to which nodes are added. */
  #nodes: NodeProto[] = [];
  #nodeCount = 0;
  readonly #domains = new Set<string>();
  readonly #initializers = new Map<string, TensorProto>();
  #count = 0;

  /** @param reserved names that no new value gets */
  constructor(reserved: Iterable<string>) {
    this.#reserved = new Set(reserved);
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
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
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

  /** What `write` does, and the nodes that it adds, which become part of no graph. */
  apart<Result>(write: () => Result): { result: Result; nodes: readonly NodeProto[] } {
    const [before, label] = [this.#nodes, this.label];
    const nodes: NodeProto[] = this.#nodes = [];
    const result = write();
    this.#nodes = before;
    this.label = label;
    return { result, nodes };
  }

  /**
   * Nodes as a graph of its own. Its outputs are made by its own nodes, each by another one: what comes from outside, or
   * is returned twice, is copied.
   */
  graphOf(
    name: string,
    nodes: readonly NodeProto[],
    inputs: readonly NamedType[],
    outputs: readonly NamedType[],
  ): OnnxGraph {
    const free = new Set(nodes.flatMap(({ output }) => output));
    const { result: output, nodes: copies } = this.apart(() =>
      outputs.map((value) => {
        if (free.delete(value.name)) return valueInfo(value);
        const copy = this.fresh();
        this.node("Identity", [value.name], [copy]);
        return valueInfo({ ...value, name: copy });
      })
    );
    const input = inputs.length === 0 ? {} : { input: inputs.map(valueInfo) };
    return { graph: { name, node: [...nodes, ...copies], ...input, output } satisfies GraphProto };
  }

  /** @param constants inputs whose values are in external files of their names */
  finish(
    inputs: readonly NamedType[],
    constants: readonly NamedType[],
    outputs: readonly NamedType[],
  ): Uint8Array<ArrayBuffer> {
    const extensions = [...this.#domains].sort().map((domain) => ({ domain, version: 1 }));
    return encodeModel({
      irVersion: IR_VERSION,
      producerName: "protoflow",
      opsetImport: [{ domain: "", version: OPSET }, ...extensions],
      graph: {
        name: "program",
        node: this.#nodes,
        initializer: [...this.#initializers.values(), ...constants.map(externalTensor)],
        input: inputs.map(valueInfo),
        output: outputs.map(valueInfo),
      },
    });
  }
}

function valueInfo({ name, dtype, shape }: NamedType): ValueInfoProto {
  const dim = shape.map((dimValue) => ({ dimValue }));
  return { name, type: { tensorType: { elemType: DATA_TYPE[dtype], shape: { dim } } } };
}

function externalTensor({ name, dtype, shape }: NamedType): TensorProto {
  const externalData = [{ key: "location", value: name }];
  return { name, dataType: DATA_TYPE[dtype], dims: shape, externalData, dataLocation: EXTERNAL };
}

function encodeAttribute(name: string, value: OnnxAttribute): AttributeProto {
  if (typeof value === "number") return { name, type: ATTRIBUTE_TYPE.int, i: value };
  if (typeof value === "string") {
    return { name, type: ATTRIBUTE_TYPE.string, s: new TextEncoder().encode(value) };
  }
  if ("graph" in value) return { name, type: ATTRIBUTE_TYPE.graph, g: value.graph };
  if ("float" in value) return { name, type: ATTRIBUTE_TYPE.float, f: value.float };
  return { name, type: ATTRIBUTE_TYPE.ints, ints: value };
}
