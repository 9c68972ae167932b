/**
 * Fidelity: selects which known flaws of the reference implementations are reproduced, and declares such
 * flaws.
 */

import { z } from "zod";

/** `reference` agrees with the published code, `intended` with the paper. */
export const FIDELITIES = ["reference", "intended"] as const;

/** One of {@link FIDELITIES}. */
export type Fidelity = typeof FIDELITIES[number];

/** A known flaw of a reference implementation. */
export interface FlawDefinition {
  /** A description of the reference's behaviour and the intended behaviour. */
  readonly about: string;
  /** Names of the two behaviours, the reference's first; default: `reference` and `intended`. */
  readonly settings?: readonly [reference: string, intended: string];
}

type Definitions = Readonly<Record<string, FlawDefinition>>;

type Setting<D extends FlawDefinition> = D extends { readonly settings: readonly [infer R, infer I] } ? R | I
  : Fidelity;

/** A setting for each of the flaws `F`. */
export type Settings<D extends Definitions, F extends keyof D = keyof D> = {
  readonly [Name in F]: Setting<D[Name]>;
};

/** The flaws of one part of the study by name; see {@link defineFlaws}. */
export class Flaws<const D extends Definitions> {
  readonly names: readonly (keyof D & string)[];
  readonly #definitions: D;

  constructor(definitions: D) {
    this.#definitions = definitions;
    this.names = Object.keys(definitions);
  }

  /** The same choice for all flaws, or for the flaws in `names`. */
  preset<F extends keyof D & string = keyof D & string>(
    choice: Fidelity,
    names: readonly F[] = this.names as readonly F[],
  ): Settings<D, F> {
    return Object.fromEntries(names.map((name) => [name, this.#setting(name, choice)])) as Settings<D, F>;
  }

  /**
   * The param `fidelity` of a kind that flaws affect: the name of a preset, or an object with a choice for
   * individual flaws of `names`. Flaws that are not given use `reference`.
   *
   * @param all the flaws in the parsed value; default: `names`
   */
  param<F extends keyof D & string, A extends keyof D & string = F>(
    names: readonly F[],
    all: readonly (A | F)[] = names,
  ) {
    const choice = z.enum(FIDELITIES);
    const single = z.strictObject(
      Object.fromEntries(
        names.map((name) => [name, choice.default("reference").describe(this.#definitions[name].about)]),
      ) as Record<F, z.ZodDefault<typeof choice>>,
    );
    return z.union([choice, single]).default("reference").transform((given): Settings<D, A | F> => {
      if (typeof given === "string") return this.preset(given, all);
      const chosen = names.map((name) => [name, this.#setting(name, (given as Record<F, Fidelity>)[name])]);
      return { ...this.preset("reference", all), ...Object.fromEntries(chosen) };
    });
  }

  /** These flaws and those of `other`. */
  with<const E extends Definitions>(other: Flaws<E>): Flaws<D & E> {
    return new Flaws({ ...this.#definitions, ...other.#definitions });
  }

  #setting(name: keyof D & string, choice: Fidelity): string {
    return this.#definitions[name].settings?.[FIDELITIES.indexOf(choice)] ?? choice;
  }
}

/**
 * Declares flaws by name. The setting of a flaw is `reference` or `intended`, or one of its own two names.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { defineFlaws } from "./fidelity.ts";
 *
 * const flaws = defineFlaws({
 *   noise: { about: "predictions are noisy; meant: without noise" },
 *   peak: { about: "`height`: a peak's index is divided by the height", settings: ["height", "width"] },
 * });
 * assert.deepEqual(flaws.preset("intended"), { noise: "intended", peak: "width" });
 * assert.deepEqual(flaws.param(["noise", "peak"]).parse({ peak: "intended" }), { noise: "reference", peak:
 * "width" });
 * ```
 */
export function defineFlaws<const D extends Definitions>(definitions: D): Flaws<D> {
  return new Flaws(definitions);
}
