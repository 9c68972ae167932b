/** Tensors as nodes of an immutable graph, and the definition of an operation. */

import type { HostTensor } from "./host_tensor.ts";
import type { OnnxAttribute, OnnxGraph } from "./onnx/attribute.ts";
import type { Target } from "./onnx/target.ts";

/** The element types of programs. */
export type ElementType = "float32" | "float64" | "int64" | "int32" | "uint8" | "bool";

/** Element type and static shape. */
export interface TensorType {
  readonly dtype: ElementType;
  /** `[]` for a scalar; every length is known. */
  readonly shape: readonly number[];
}

/** One output of a node. */
export interface Tensor extends TensorType {
  readonly node: Node;
  /** The index of this output among the node's outputs. */
  readonly index: number;
}

/**
 * JSON-compatible data, a constant's value or a program. Nodes with the same operation, attributes and inputs compute
 * the same.
 */
export type Attributes = object;

export interface Node {
  /** A number in creation order: a node's inputs have smaller numbers. */
  readonly id: number;
  readonly op: Op;
  readonly inputs: readonly Tensor[];
  readonly attributes: Attributes;
  readonly outputs: readonly Tensor[];
  /** The scopes of {@link labelled} in which the node was created, joined by dots. */
  readonly label: string;
  /** For a composite, the tensors that replace its outputs. */
  readonly lowered?: readonly Tensor[];
}

/** A value of the reference interpreter, in float64 for every element type. */
export interface Values {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/**
 * A node and the cotangents of its outputs, from which {@link Op.vjp} computes the cotangents of its inputs.
 */
export interface VjpContext<A extends Attributes = Attributes> {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly attributes: A;
  /**
   * The cotangent of each output, of the output's shape; undefined if nothing depends on the output. At least
   * one is given.
   */
  readonly cotangents: readonly (Tensor | undefined)[];
  /** Whether the gradient of an input is needed. */
  readonly wanted: readonly boolean[];
}

/** A value of an ONNX graph. */
export interface NamedType extends TensorType {
  readonly name: string;
}

/** Receives the ONNX nodes of a program. */
export interface Emitter {
  readonly target: Target;
  /**
   * @param type an ONNX operator, or an operator of another domain prefixed by the domain:
   * `com.microsoft.Name`
   */
  node(
    type: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes?: Readonly<Record<string, OnnxAttribute>>,
  ): void;
  /** The name of an initializer with this value; equal values share an initializer. */
  constant(value: HostTensor): string;
  /** A new unique name. */
  fresh(): string;
  /**
   * The nodes that `write` adds, as a graph of its own, which also reads the values around it.
   *
   * @param write returns the graph's outputs
   */
  graph(name: string, inputs: readonly NamedType[], write: () => readonly NamedType[]): OnnxGraph;
  /** Adds the nodes of a program, and returns the names of its outputs. `inputs` has the names of its inputs' values. */
  inline(program: Program, inputs: ReadonlyMap<string, string>): ReadonlyMap<string, string>;
}

export interface EmitContext<A extends Attributes = Attributes> {
  readonly inputs: readonly string[];
  /** The output names; "" for an unused output. */
  readonly outputs: readonly string[];
  readonly attributes: A;
  readonly inputTypes: readonly TensorType[];
  readonly outputTypes: readonly TensorType[];
  /** The selected form, if the operation has several. */
  readonly form?: string;
}

/** Computes the outputs of a program by name, as the reference interpreter does. */
export type Interpreter = (
  program: Program,
  inputs: Readonly<Record<string, Values>>,
) => Readonly<Record<string, Values>>;

/**
 * The definition of an operation: its types, its derivative, its reference implementation and its ONNX nodes.
 */
export interface Op<A extends Attributes = Attributes> {
  /** The name in listings and error messages. */
  readonly name: string;
  /** Normalises equivalent attributes (an axis of -1, a shape with -1), so that equal nodes are merged. */
  canonical?(inputs: readonly TensorType[], attributes: A): A;
  /** The types of the outputs. Throws {@link Mismatch} if the inputs or attributes are invalid. */
  infer(inputs: readonly TensorType[], attributes: A): readonly TensorType[];
  /**
   * The vector-Jacobian product: for each input, the gradient of Σ outputs · cotangents, built from other
   * operations; undefined if it is zero or not wanted. Absent if gradients treat the outputs as constants.
   */
  vjp?(context: VjpContext<A>): readonly (Tensor | undefined)[];
  /** The values of the outputs, by plain loops in float64; `run` computes a program within the operation. */
  interpret?(
    inputs: readonly Values[],
    attributes: A,
    outputTypes: readonly TensorType[],
    run: Interpreter,
  ): readonly Values[];
  /** The program that `emit` writes in one of its forms, where a step holds more than its inputs and outputs. */
  body?(inputs: readonly TensorType[], attributes: A): Program;
  /**
   * The forms in which `emit` can write a step for a target, the default first; absent if there is only one.
   */
  forms?(inputs: readonly TensorType[], target: Target): readonly string[];
  /** Writes ONNX nodes for the outputs, or returns the names of existing values that equal them. */
  emit?(to: Emitter, context: EmitContext<A>): readonly string[] | void;
}

/** A node of a program; its inputs and outputs are value numbers. */
export interface Step {
  readonly op: Op;
  readonly inputs: readonly number[];
  /** Every output has a value number, even if nothing uses the output. */
  readonly outputs: readonly number[];
  readonly attributes: Attributes;
  readonly label: string;
  /**
   * Steps in a row with the same number are one part of the program: it begins when all that it reads is known, and a runtime
   * does not hold the memory of other values for it. They compute no output of the program.
   */
  readonly part?: number;
}

/** A tensor program: the types of its values and the steps that compute them. Created by `program` in graph.ts. */
export interface Program {
  /** Types of all values by number. */
  readonly values: readonly TensorType[];
  /** Value numbers by name, in the order in which the inputs were created. */
  readonly inputs: ReadonlyMap<string, number>;
  /** Value numbers by name, in the order given. */
  readonly outputs: ReadonlyMap<string, number>;
  /** The steps in execution order: every value is computed before it is used. */
  readonly steps: readonly Step[];
}

const defined = new Map<string, Op>();

/** Registers an operation. Its name must be unique, because equal steps are found by name. */
export function defineOp<A extends Attributes>(op: Op<A>): Op<A> {
  if (defined.has(op.name)) throw new Error(`there are two operations with the name "${op.name}"`);
  defined.set(op.name, op);
  return op;
}

/** Every operation of the loaded modules, by name. */
export function definedOps(): ReadonlyMap<string, Op> {
  return defined;
}

/**
 * Invalid types or attributes of an operation; {@link apply} adds the operation, the shapes and the label.
 */
export class Mismatch extends Error {}

/**
 * A tensor program that can't be built; the message has the operation, the label, the shapes and the
 * expectation.
 */
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
 * Applies `op` to `inputs` and returns the outputs.
 *
 * @throws {GraphError} if the types or attributes are invalid.
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
 * Calls `build`; converts a {@link Mismatch} to a GraphError with the operation's name, label and inputs.
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
 * An operation that is replaced by a subgraph but has its own derivative. `lower` is called immediately and
 * builds the subgraph; programs contain only the subgraph.
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
