/** Keys of training states: two different trainings of any models never share a state. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { z } from "zod";
import type { Json } from "../../lib/flow/json.ts";
import { type KnownKind, manifestAtStep, resolveTask } from "../../lib/flow/key/resolve.ts";
import type { AnyKind } from "../../lib/flow/kind.ts";
import type { TreeDigest } from "../../lib/flow/store/types.ts";
import { FIDELITIES } from "../../lib/fidelity.ts";
import { MODELS } from "../../lib/models/model_list.ts";
import fineTune from "../../tasks/fine_tune.ts";
import joint from "../../tasks/joint.ts";
import project from "../../tasks/project.ts";
import warmUp from "../../tasks/warm_up.ts";

/** A training as the study describes it: each field has an effect on its result. */
interface Training {
  readonly model: typeof MODELS[number]["name"];
  readonly through: "object" | "image";
  readonly seed: number;
  readonly size: number;
  readonly coef: number;
  readonly rate: number;
  readonly epochs: readonly [warmUp: number, joint: number, fineTune: number];
  readonly batchSize?: number;
  readonly fidelity: typeof FIDELITIES[number];
  readonly projection: typeof FIDELITIES[number];
}

const few = <T>(...values: T[]) => fc.constantFrom(...values);

const trainings: fc.Arbitrary<Training> = fc.record({
  model: few(...MODELS.map(({ name }) => name)),
  through: few("object" as const, "image" as const),
  seed: few(1, 2),
  size: few(2, 3),
  coef: few(0.5, 1),
  rate: few(1e-3, 2e-3),
  epochs: fc.tuple(few(1, 2, 3), few(1, 2), few(1, 2)),
  batchSize: few(undefined, 4),
  fidelity: few(...FIDELITIES),
  projection: few(...FIDELITIES),
});

/** By model, a param of its size and one of its loss. */
const SIZE: Record<Training["model"], string | undefined> = {
  protomask: "prototypesPerClass",
  protopnet: "depth",
  protopool: "slots",
  pipnet: undefined,
};
const COEF: Record<Training["model"], string> = {
  protomask: "clst",
  protopnet: "sep",
  protopool: "orth",
  pipnet: "tanh",
};

/** The key of a task's state after each step, or of its only result, with inputs of the given digests. */
function keysOf(
  kind: AnyKind,
  given: Record<string, unknown>,
  inputs: Record<string, string>,
  steps?: number,
): string[] {
  const params = (kind.params as z.ZodType).parse(given) as Record<string, Json>;
  const known = {
    code: { digest: kind.name, packages: {} },
    chain: kind.chain,
    environment: {},
  } as unknown as KnownKind;
  const resolved = resolveTask(
    { id: kind.name, kind: kind.name, params, inputs, outputs: ["state"] } as never,
    known,
    Object.entries(inputs).map(([name, digest]) => ({ name, digest: digest as TreeDigest }) as never),
    {},
  );
  if (steps === undefined) return [resolved.key];
  return Array.from({ length: steps }, (_, step) => manifestAtStep(resolved, step + 1).key);
}

/**
 * The keys of all states of a training, each with a text of everything that the state depends on. The digest of a state
 * stands for its key: different states have different bytes.
 */
function statesOf(training: Training): [key: string, facts: string][] {
  const { model: name, through, seed, size, coef, rate, epochs, batchSize, fidelity, projection } = training;
  const isPipNet = name === "pipnet";
  const coefs = { [COEF[name]]: coef, ...(isPipNet && { alignment_epochs: epochs[0] }) };
  const sizes = SIZE[name] === undefined ? {} : { [SIZE[name]!]: size };
  const common = { seed, batchSize, fidelity };
  const views = `views through ${through}`;
  // The weight of PIP-Net's alignment depends on the length of the warm-up; no other model knows it before it ends.
  const before = {
    name,
    through,
    seed,
    sizes,
    coef,
    batchSize,
    fidelity,
    rate,
    ...(isPipNet && { of: epochs[0] }),
  };
  const states: [string, string][] = [];
  const add = (keys: string[], facts: (step: number) => object) =>
    keys.forEach((key, step) => states.push([key, JSON.stringify(facts(step + 1))]));

  const warm = keysOf(
    warmUp as AnyKind,
    {
      ...common,
      model: { name, ...sizes, coefs },
      epochs: epochs[0],
      learningRate: rate,
      backbone: { weights: "random" },
    },
    { views },
    epochs[0],
  );
  add(warm, (step) => ({ ...before, warm: step }));
  const joined = keysOf(
    joint as AnyKind,
    {
      ...common,
      model: { name, coefs, learningRates: { backbone: rate } },
      epochs: epochs[1],
    },
    { state: warm.at(-1)!, views },
    epochs[1],
  );
  const warmed = { ...before, of: epochs[0], warm: epochs[0] };
  add(joined, (step) => ({ ...warmed, joint: step }));
  let state = joined.at(-1)!;
  let facts: object = { ...warmed, joint: epochs[1] };
  if (name === "protomask" || name === "protopnet") {
    const projected = keysOf(project as AnyKind, { batchSize, fidelity: projection }, { state, views });
    facts = { ...facts, projection };
    add(projected, () => facts);
    state = projected[0];
  }
  const tuned = keysOf(
    fineTune as AnyKind,
    {
      ...common,
      model: { name, coefs },
      epochs: epochs[2],
      learningRate: rate,
    },
    { state, views },
    epochs[2],
  );
  add(tuned, (step) => ({ ...facts, tune: step }));
  return states;
}

Deno.test("no two different trainings share a state, and equal beginnings share all of theirs", () => {
  const known = new Map<string, string>();
  const keys = new Map<string, string>();
  fc.assert(
    fc.property(trainings, trainings, (one, other) => {
      for (const [key, facts] of [...statesOf(one), ...statesOf(other)]) {
        assert.equal(known.get(key) ?? facts, facts, "a state is shared by different trainings");
        assert.equal(keys.get(facts) ?? key, key, "the same training has two states");
        known.set(key, facts);
        keys.set(facts, key);
      }
    }),
    { numRuns: 1000 },
  );
  assert.ok(known.size > 1000);
});

Deno.test("an optimiser or a schedule that is left out is in no key, and one that is given is", () => {
  const given = { seed: 1, model: { name: "protopnet" as const } };
  const parsed = joint.params.parse(given) as Record<string, unknown>;
  assert.ok(!("optimiser" in parsed));
  assert.deepEqual(parsed.schedule, { stepSize: 35, gamma: 0.5 });
  const tuned = fineTune.params.parse(given) as Record<string, unknown>;
  assert.ok(!("optimiser" in tuned) && !("schedule" in tuned));
  const keys = [
    given,
    { ...given, optimiser: { name: "adam" } },
    { ...given, optimiser: { name: "sgd" } },
    { ...given, schedule: { name: "cosine", epochs: 100 } },
    { ...given, schedule: { warmUp: { epochs: 5 } } },
  ].map((params) => keysOf(joint as AnyKind, params, { views: "views" }, 1)[0]);
  assert.equal(new Set(keys).size, keys.length);
});
