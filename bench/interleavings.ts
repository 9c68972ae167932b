/**
 * Random interleavings of run, gc, verify, get, pin and kill over one store, checked against a model:
 * `deno run -A bench/interleavings.ts [--count 500] [--length 25]`
 *
 * `length` interleavings share a store. Exits with code 1 at the first interleaving that loses a result or in
 * which a command fails.
 */
import { parseArgs } from "node:util";
import { checkInterleavings } from "../tests/flow/faults/interleavings.ts";

const { values } = parseArgs({
  options: { count: { type: "string", default: "500" }, length: { type: "string", default: "25" } },
});
let held = 0;
try {
  await checkInterleavings(Number(values.count), Number(values.length), () => held++);
  console.log(`${held} interleavings held: 0 results lost, 0 commands failed`);
} catch (error) {
  console.error(`${held} interleavings held, then:`, error);
  Deno.exit(1);
}
