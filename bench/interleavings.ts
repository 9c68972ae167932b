/**
 * Random interleavings of run, gc, verify, get, pin and kill over one store, checked against a model:
 * `deno run -A bench/interleavings.ts [--count 500] [--length 25] [--seed 0]`
 *
 * `length` interleavings share a store, and come from one seed; the next store has the next seed. Prints each seed that
 * held, so that a run that was ended can be taken up at the one after it. Exits with code 1 at the first interleaving
 * that loses a result or in which a command fails.
 */
import { parseArgs } from "node:util";
import { checkInterleavings } from "../tests/flow/faults/interleavings.ts";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "500" },
    length: { type: "string", default: "25" },
    seed: { type: "string", default: "0" },
  },
});
const [count, length, first] = [values.count, values.length, values.seed].map(Number);
let held = 0;
for (let seed = first; held < count; seed++) {
  try {
    await checkInterleavings(seed, Math.min(length, count - held), () => held++);
    console.log(`seed ${seed} held; ${held} interleavings so far`);
  } catch (error) {
    console.error(`${held} interleavings held, then with seed ${seed}:`, error);
    Deno.exit(1);
  }
}
console.log(`${held} interleavings held: 0 results lost, 0 commands failed`);
