/** Fails until it has been tried often enough; remembers the tries in its scratch folder. */

import { join } from "node:path";
import { z } from "zod";
import { defineTask } from "../../../lib/flow/kind.ts";

export default defineTask({
  name: "flaky",
  about: "fail a number of times",
  params: z.strictObject({ failures: z.number().int() }),
  inputs: {},
  outputs: ["tries"],
  retries: { attempts: 3, backoffSeconds: 0.05 },
  run({ params, scratch, output }) {
    const file = join(scratch, "tries");
    Deno.writeTextFileSync(file, "x", { append: true });
    const tries = Deno.readTextFileSync(file).length;
    if (tries <= params.failures) throw new Error(`failure ${tries}`);
    Deno.writeTextFileSync(output("tries"), String(tries));
  },
});
