/** The suite `ops`: differentiable operations, forward and gradients, on ONNX Runtime. */

import type { Runner } from "../case.ts";
import { builders as elementwise } from "../ops/elementwise.ts";
import { builders as structured } from "../ops/structured.ts";
import { runTensorCase } from "../tensor_case.ts";

export const runners: Record<string, Runner> = Object.fromEntries(
  Object.entries({ ...elementwise, ...structured }).map(([name, build]) =>
    [`ops.${name}`, (testCase) => runTensorCase(testCase, build)] as const
  ),
);
