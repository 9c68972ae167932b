/** Reverse-mode differentiation: gradients of a program's tensors as further tensors. */

import { GraphError, labelled, type Node, type Tensor } from "./op.ts";
import { add } from "./ops/arithmetic.ts";
import { full, zeros } from "./ops/source.ts";

/** An output and its cotangent: the weights of its elements, of the same shape, in the differentiated sum. */
export interface Seed {
  readonly output: Tensor;
  readonly cotangent: Tensor;
}

/**
 * The gradients of `of` with respect to the tensors `wrt`; zeros for tensors on which `of` does not depend.
 *
 * @param of a scalar, or outputs with cotangents, for the gradients of Σ output · cotangent
 * @throws {GraphError} if `of` is not a scalar, or a cotangent and its output differ in shape.
 */
export function gradients(of: Tensor | readonly Seed[], wrt: readonly Tensor[]): Tensor[] {
  const seeds = "node" in of ? [scalarSeed(of)] : of;
  const cotangents = new Map<Tensor, Tensor>();
  const accumulate = (tensor: Tensor, cotangent: Tensor) => {
    if (cotangent.shape.join() !== tensor.shape.join()) {
      throw new GraphError(
        `the cotangent of ${tensor.node.op.name} "${tensor.node.label}" has shape [${cotangent.shape}], ` +
          `but the tensor has [${tensor.shape}]`,
      );
    }
    const known = cotangents.get(tensor);
    cotangents.set(tensor, known ? add(known, cotangent) : cotangent);
  };
  for (const { output, cotangent } of seeds) accumulate(output, cotangent);

  const targets = new Set(wrt);
  const { nodes, depends } = dependents(seeds.map(({ output }) => output), targets);
  for (const node of nodes.reverse()) {
    const incoming = node.outputs.map((tensor) => cotangents.get(tensor));
    if (incoming.every((cotangent) => cotangent === undefined)) continue;
    const wanted = node.inputs.map((tensor) => depends(tensor));
    if (!wanted.includes(true)) continue;
    const { op, inputs, outputs, attributes, label } = node;
    const scope = label === "" ? "grad" : `grad ${label}`;
    const products = labelled(
      scope,
      () => op.vjp!({ inputs, outputs, attributes, cotangents: incoming, wanted }),
    );
    inputs.forEach((tensor, i) => {
      const product = products[i];
      if (product && wanted[i]) labelled(scope, () => accumulate(tensor, product));
    });
  }
  return wrt.map((tensor) => cotangents.get(tensor) ?? zeros(tensor.shape, tensor.dtype));
}

function scalarSeed(output: Tensor): Seed {
  if (output.shape.some((length) => length !== 1)) {
    throw new GraphError(
      `the gradient of ${output.node.op.name} needs one element, but its shape is [${output.shape}]; ` +
        "sum it or give a cotangent",
    );
  }
  return { output, cotangent: full(output.shape, 1) };
}

/**
 * The nodes between `targets` and `outputs`, inputs first, and the tensors that depend differentiably on a
 * target.
 */
function dependents(outputs: readonly Tensor[], targets: ReadonlySet<Tensor>) {
  const found = new Set<Node>();
  const pending = outputs.map(({ node }) => node);
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (found.has(node)) continue;
    found.add(node);
    for (const tensor of node.inputs) pending.push(tensor.node);
  }
  const nodes = [...found].sort((a, b) => a.id - b.id);
  const active = new Set<Node>();
  const depends = (tensor: Tensor) =>
    targets.has(tensor) || (tensor.dtype === "float32" && active.has(tensor.node));
  for (const node of nodes) if (node.op.vjp && node.inputs.some(depends)) active.add(node);
  return { nodes: nodes.filter((node) => active.has(node)), depends };
}
