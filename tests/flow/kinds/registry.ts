/** Kinds for the tests of the engine: a chain, per-item work, and kinds that misbehave. */

import type { KindRegistry } from "../../../lib/flow/kind.ts";

export const registry: KindRegistry = {
  folder: new URL("./", import.meta.url),
  kinds: {
    command: () => import("./command.ts"),
    hash_chain: () => import("./hash_chain.ts"),
    lengths: () => import("./lengths.ts"),
    captions: () => import("./captions.ts"),
    probe_sandbox: () => import("./probe_sandbox.ts"),
    gpu_user: () => import("./gpu_user.ts"),
    sleeper: () => import("./sleeper.ts"),
    waiter: () => import("./waiter.ts"),
    file_reader: () => import("./file_reader.ts"),
    file_id: () => import("./file_id.ts"),
    flavour: () => import("./flavour.ts"),
    impure: () => import("./impure.ts"),
    image_reader: () => import("./image_reader.ts"),
    learner: () => import("./learner.ts"),
    flaky: () => import("./flaky.ts"),
    careless: () => import("./careless.ts"),
    quits: () => import("./quits.ts"),
    quits_run: () => import("./quits_run.ts"),
    page: () => import("./page.ts"),
    pages: () => import("./pages.ts"),
    site: () => import("./site.ts"),
    curve: () => import("./curve.ts"),
    below_rivals: () => import("./below_rivals.ts"),
  },
  demands: {
    probe_sandbox: () => Promise.resolve({ default: { gpu: 0.5 } }),
    lengths: () => {
      const estimate = ({ seconds }: { seconds?: number }) =>
        seconds === undefined ? undefined : { seconds, bytes: 0, sizes: {} };
      return Promise.resolve({ default: { estimate } });
    },
    // As many bytes as no disk has, for one that is never to begin.
    flaky: () => {
      const estimate = ({ failures }: { failures: number }) =>
        failures > 1000 ? { bytes: 1e18, memoryMB: 1, sizes: {} } : undefined;
      return Promise.resolve({ default: { estimate } });
    },
  },
  curves: { command: { output: "curves", step: "epoch" } },
  pictures: { command: { output: "pictures", files: /\.png$/, most: 2 } },
  figures: { command: { output: "figures" } },
};
