/** The values of attributes of ONNX nodes. */

import type { GraphProto } from "./proto.ts";

/** A graph within an ONNX node, such as the body of a `Loop`; an emitter makes it. */
export interface OnnxGraph {
  readonly graph: GraphProto;
}

/**
 * A value of an ONNX node's attribute: an integer, integers, a string or a graph; floats are wrapped by {@link float}.
 */
export type OnnxAttribute = number | string | readonly number[] | { readonly float: number } | OnnxGraph;

/**
 * Marks an ONNX attribute as a float, because a JavaScript number does not distinguish integers and floats.
 */
export function float(value: number): OnnxAttribute {
  return { float: value };
}
