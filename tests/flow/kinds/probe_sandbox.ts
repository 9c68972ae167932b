/** Tries what a kind without permissions must not be able to do, and reports what was possible. */

import { z } from "zod";
import { defineTask } from "../../../lib/flow/kind.ts";

export default defineTask({
  name: "probe_sandbox",
  about: "report what the process may do",
  params: z.strictObject({ outside: z.string() }),
  inputs: { text: { about: "a file it may read" } },
  outputs: ["report"],
  async run({ params, input, inputs, output, resources, device, runtime }) {
    const possible: string[] = [];
    const attempt = async (name: string, what: () => unknown) => {
      try {
        await what();
        possible.push(name);
      } catch (error) {
        if (!(error instanceof Deno.errors.NotCapable)) throw error;
      }
    };
    await attempt("read input", () => Deno.readTextFileSync(input("text")));
    await attempt("write input", () => Deno.writeTextFileSync(input("text"), "changed"));
    await attempt("read outside", () => Deno.readTextFileSync(params.outside));
    await attempt("write outside", () => Deno.writeTextFileSync(params.outside, "changed"));
    await attempt("environment", () => Deno.env.get("HOME"));
    await attempt("run", () => new Deno.Command("true").outputSync());
    await attempt("network", () => Deno.connect({ hostname: "127.0.0.1", port: 9999 }));
    await attempt("system", () => Deno.hostname());
    await attempt("ffi", () => Deno.dlopen("libc.so.6", {}));
    const report = { possible, resources, device, runtime, none: inputs("absent") };
    Deno.writeTextFileSync(output("report"), JSON.stringify(report));
  },
});
