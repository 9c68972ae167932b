/** Einstein summation of two tensors, as one batched matrix product. */

import { elementCount } from "../host_tensor.ts";
import { checked, Mismatch, type Tensor } from "../op.ts";
import { sum } from "./broadcast.ts";
import { matmul } from "./matmul.ts";
import { reshape, transpose } from "./shape.ts";

interface Equation {
  a: string;
  b: string;
  result: string;
}

/**
 * `einsum("bij,bjk->bik", a, b)`: letters name axes; axes that are not in the result are summed.
 * Without `->` the result has the letters that occur once, in alphabetical order.
 *
 * @throws {GraphError} if the equation does not match the tensors or repeats a letter within one operand.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { interpret } from "../interpret.ts";
 * import { program } from "../graph.ts";
 * import { float32 } from "../host_tensor.ts";
 * import { input } from "./source.ts";
 * import { einsum } from "./einsum.ts";
 *
 * const [a, b] = [input("a", "float32", [2, 3]), input("b", "float32", [2, 3])];
 * const dots = einsum("nd,nd->n", a, b); // the dot product of every row
 * const values = { a: float32([2, 3], [1, 2, 3, 4, 5, 6]), b: float32([2, 3], [1, 1, 1, 2, 2, 2]) };
 * assert.deepEqual([...interpret(program({ dots }), values).dots.data], [6, 30]);
 * ```
 */
export function einsum(equation: string, a: Tensor, b: Tensor): Tensor {
  return checked("einsum", [a, b], { equation }, () => contract(parse(equation), a, b));
}

function contract(parsed: Equation, a: Tensor, b: Tensor): Tensor {
  const lengths = lengthsOf([[parsed.a, a], [parsed.b, b]]);
  const left = sumUnshared(a, parsed.a, parsed.b + parsed.result);
  const right = sumUnshared(b, parsed.b, parsed.a + parsed.result);
  const inBoth = [...left.letters].filter((letter) => right.letters.includes(letter));
  const batch = inBoth.filter((letter) => parsed.result.includes(letter));
  const inner = inBoth.filter((letter) => !parsed.result.includes(letter));
  const rows = [...left.letters].filter((letter) => !inBoth.includes(letter));
  const columns = [...right.letters].filter((letter) => !inBoth.includes(letter));
  const sizes = (letters: readonly string[]) => letters.map((letter) => lengths.get(letter)!);
  const arrange = ({ tensor, letters }: Operand, ...groups: string[][]) =>
    reshape(transpose(tensor, groups.flat().map((letter) => letters.indexOf(letter))), [
      ...sizes(batch),
      ...groups.slice(1).map((group) => elementCount(sizes(group))),
    ]);
  const product = matmul(arrange(left, batch, rows, inner), arrange(right, batch, inner, columns));
  const order = [...batch, ...rows, ...columns];
  return transpose(reshape(product, sizes(order)), [...parsed.result].map((letter) => order.indexOf(letter)));
}

interface Operand {
  tensor: Tensor;
  letters: string;
}

function parse(equation: string): Equation {
  const match = /^([a-z]*),([a-z]*)(?:->([a-z]*))?$/i.exec(equation.replaceAll(" ", ""));
  if (!match) {
    throw new Mismatch('needs an equation such as "bij,bjk->bik"');
  }
  const [, a, b] = match;
  const once = [...new Set(a + b)].filter((letter) => !(a.includes(letter) && b.includes(letter)));
  const result = match[3] ?? once.sort().join("");
  for (const letters of [a, b, result]) {
    if (new Set(letters).size !== letters.length) {
      throw new Mismatch(`a letter occurs twice in "${letters}"`);
    }
  }
  const unknown = [...result].find((letter) => !(a + b).includes(letter));
  if (unknown) throw new Mismatch(`"${unknown}" is in neither operand`);
  return { a, b, result };
}

function lengthsOf(operands: readonly [string, Tensor][]): Map<string, number> {
  const lengths = new Map<string, number>();
  for (const [letters, { shape }] of operands) {
    if (letters.length !== shape.length) {
      throw new Mismatch(`"${letters}" does not name the axes of [${shape}]`);
    }
    [...letters].forEach((letter, axis) => {
      const known = lengths.get(letter) ?? shape[axis];
      if (known !== shape[axis]) {
        throw new Mismatch(
          `the axis "${letter}" has the lengths ${known} and ${shape[axis]}; they must be equal`,
        );
      }
      lengths.set(letter, known);
    });
  }
  return lengths;
}

/** The operand summed over the letters that are neither in the other operand nor in the result. */
function sumUnshared(tensor: Tensor, letters: string, elsewhere: string): Operand {
  const axes = [...letters].flatMap((letter, axis) => elsewhere.includes(letter) ? [] : [axis]);
  if (axes.length === 0) return { tensor, letters };
  return {
    tensor: sum(tensor, { axes }),
    letters: [...letters].filter((l) => elsewhere.includes(l)).join(""),
  };
}
