/** Tensors as nodes of an immutable graph, and the definition of an operation. */

import type { HostTensor } from "./host_tensor.ts";

/** Element types that programs compute with. */
export type ElementType = "float32" | "int64" | "int32" | "uint8" | "bool";

/** Element type and shape, which is static. */
export interface TensorType {
  readonly dtype: ElementType;
  /** `[]` for a scalar; every length is known. */
  readonly shape: readonly number[];
}

/** One output of a node. */
export interface Tensor extends TensorType {
  readonly node: Node;
  /** Which of the node's outputs this is. */
  readonly index: number;
}

/** Plain data that JSON can hold, or a constant's value. Two nodes of equal attributes and inputs compute the same. */
export type Attributes = object;

export interface Node {
  /** Creation order: a node's inputs have smaller numbers. */
  readonly id: number;
  readonly op: Op;
  readonly inputs: readonly Tensor[];
  readonly attributes: Attributes;
  readonly outputs: readonly Tensor[];
  /** The scopes of {@link labelled} that the node was built in, joined by dots. */
  readonly label: string;
  /** For a composite: the tensors that its outputs stand for. */
  readonly lowered?: readonly Tensor[];
}

/** A value of the reference interpreter: every element type is computed in float64. */
export interface Values {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** A node and the cotangents of its outputs, from which {@link Op.vjp} makes those of its inputs. */
export interface VjpContext<A extends Attributes = Attributes> {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly attributes: A;
  /** An output's cotangent has its shape; undefined where nothing depends on the output. At least one is given. */
  readonly cotangents: readonly (Tensor | undefined)[];
  /** Whether the gradient of an input is needed. */
  readonly wanted: readonly boolean[];
}

/** A value of an ONNX node's attribute: an integer, integers or text; floats are wrapped by {@link float}. */
export type OnnxAttribute = number | string | readonly number[] | { readonly float: number };

/** Marks an ONNX attribute as a float, which a JavaScript number alone does not say. */
export function float(value: number): OnnxAttribute {
  return { float: value };
}

/** Properties of the machine that a model is written for. An empty target gives a model that runs anywhere. */
export interface Target {
  /** Channels that onnxruntime's CPU kernels keep together in their blocked layout, where they have one. */
  readonly channelBlock?: number;
  /** The form of a step by its key (`formKey` of onnx/emit.ts), where it is not its operation's first. */
  readonly forms?: Readonly<Record<string, string>>;
}

/** Receives the ONNX nodes of a program. */
export interface Emitter {
  readonly target: Target;
  /** @param type an operator of ONNX, or of another domain with its name in front: `com.microsoft.Name` */
  node(
    type: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes?: Readonly<Record<string, OnnxAttribute>>,
  ): void;
  /** The name of an initializer with this value; equal values share one. */
  constant(value: HostTensor): string;
  /** A name that nothing else has. */
  fresh(): string;
}

export interface EmitContext<A extends Attributes = Attributes> {
  readonly inputs: readonly string[];
  /** "" for an output that nothing uses. */
  readonly outputs: readonly string[];
  readonly attributes: A;
  readonly inputTypes: readonly TensorType[];
  readonly outputTypes: readonly TensorType[];
  /** One of the operation's forms, where it has several. */
  readonly form?: string;
}

/** An operation: its types, its derivative, its meaning and its form in ONNX, side by side. */
export interface Op<A extends Attributes = Attributes> {
  /** The name in listings and error messages. */
  readonly name: string;
  /** Normalises attributes with equal meaning (an axis of -1, a shape with -1), so that equal nodes are merged. */
  canonical?(inputs: readonly TensorType[], attributes: A): A;
  /** The types of the outputs. Throws {@link Mismatch} if the inputs or attributes do not fit. */
  infer(inputs: readonly TensorType[], attributes: A): readonly TensorType[];
  /**
   * The vector-Jacobian product: for each input the gradient of Σ outputs · cotangents, built from other operations;
   * undefined where it is zero or not wanted. Absent where the outputs are constants to gradients.
   */
  vjp?(context: VjpContext<A>): readonly (Tensor | undefined)[];
  /** The values of the outputs, by plain loops in float64. */
  interpret?(inputs: readonly Values[], attributes: A, outputTypes: readonly TensorType[]): readonly Values[];
  /** The forms in which `emit` can write a step for a target, for operations with several; the default first. */
  forms?(inputs: readonly TensorType[], target: Target): readonly string[];
  /** Writes ONNX nodes for the outputs, or returns the names of existing values that equal them. */
  emit?(to: Emitter, context: EmitContext<A>): readonly string[] | void;
}

const defined = new Map<string, Op>();

/** Registers an operation under its name, which must be unique: equal steps are found by it. */
export function defineOp<A extends Attributes>(op: Op<A>): Op<A> {
  if (defined.has(op.name)) throw new Error(`there are two operations with the name "${op.name}"`);
  defined.set(op.name, op);
  return op;
}

/** Every operation of the modules that are loaded, by name. */
export function definedOps(): ReadonlyMap<string, Op> {
  return defined;
}

/** Types or attributes that do not fit an operation; {@link apply} adds the operation, the shapes and the label. */
export class Mismatch extends Error {}

/** A tensor program that can't be built; the message has the operation, label, shapes and what was expected. */
export class GraphError extends TypeError {
  override readonly name = "GraphError";
}

const scopes: string[] = [];
let nodeCount = 0;

/**
 * Prefixes the labels of all nodes that `build` creates with `label`: `labelled("layer1", () => …)`.
 * Labels appear in error messages, listings and profiles; scopes nest, joined by dots.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { program } from "./graph.ts";
 * import { input } from "./ops/source.ts";
 * import { square } from "./ops/elementwise.ts";
 * import { labelled } from "./op.ts";
 *
 * const x = input("x", "float32", [2]);
 * const y = labelled("layer1", () => labelled("0", () => square(x)));
 * assert.equal(program({ y }).steps[0].label, "layer1.0");
 * ```
 */
export function labelled<T>(label: string, build: () => T): T {
  scopes.push(label);
  try {
    return build();
  } finally {
    scopes.pop();
  }
}

/**
 * The outputs of `op` on `inputs`.
 *
 * @throws {GraphError} when the types or attributes do not fit.
 */
export function apply<A extends Attributes>(
  op: Op<A>,
  inputs: readonly Tensor[],
  attributes: A,
): readonly Tensor[] {
  return checked(op.name, inputs, attributes, () => {
    const canonical = op.canonical ? op.canonical(inputs, attributes) : attributes;
    return makeNode(op, inputs, canonical, op.infer(inputs, canonical)).outputs;
  });
}

/**
 * The result of `build`; a {@link Mismatch} thrown by it becomes a GraphError with the operation's name, label and
 * inputs.
 */
export function checked<T>(
  name: string,
  inputs: readonly TensorType[],
  attributes: Attributes,
  build: () => T,
): T {
  try {
    return build();
  } catch (error) {
    if (!(error instanceof Mismatch)) throw error;
    const label = scopes.join(".");
    const where = label === "" ? "" : ` "${label}"`;
    const given = inputs.map(formatType).join(", ");
    const options = formatAttributes(attributes);
    throw new GraphError(
      `${name}${where}: ${error.message}; given (${given})${options === "" ? "" : ` with ${options}`}`,
    );
  }
}

/** {@link apply} for an operation with one output. */
export function apply1<A extends Attributes>(op: Op<A>, inputs: readonly Tensor[], attributes: A): Tensor {
  return apply(op, inputs, attributes)[0];
}

/**
 * An operation that is replaced by a subgraph but has its own derivative: `lower` builds the subgraph at once, and
 * programs contain only the subgraph.
 */
export function composite(
  name: string,
  inputs: readonly Tensor[],
  lower: () => readonly Tensor[],
  vjp: Op["vjp"],
): readonly Tensor[] {
  const lowered = lower();
  const op: Op = { name, infer: () => lowered, vjp };
  return makeNode(op, inputs, {}, lowered, lowered).outputs;
}

function makeNode(
  op: Op,
  inputs: readonly Tensor[],
  attributes: Attributes,
  types: readonly TensorType[],
  lowered?: readonly Tensor[],
): Node {
  const label = scopes.join(".");
  const outputs: Tensor[] = [];
  const node: Node = { id: nodeCount++, op, inputs: [...inputs], attributes, outputs, label, lowered };
  types.forEach(({ dtype, shape }, index) => outputs.push({ node, index, dtype, shape }));
  return node;
}

/** "float32[2,3]" */
export function formatType({ dtype, shape }: TensorType): string {
  return `${dtype}[${shape.join(",")}]`;
}

/** "axis=1, keepdim=true"; tensors by their types. */
export function formatAttributes(attributes: Attributes): string {
  const parts = Object.entries(attributes).filter(([, value]) => value !== undefined).map(([name, value]) => {
    if (isType(value)) return `${name}=${formatType(value)}`;
    return `${name}=${typeof value === "number" ? value : JSON.stringify(value)}`;
  });
  return parts.join(", ");
}

function isType(value: unknown): value is TensorType {
  return typeof value === "object" && value !== null && "dtype" in value && "shape" in value;
}
