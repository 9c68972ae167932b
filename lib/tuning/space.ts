/** The space of a search: the distribution of each parameter, and the values that it allows. */

import { z } from "zod";

const range = { low: z.number(), high: z.number(), log: z.boolean().default(false) };

const scalar = z.union([z.string(), z.number(), z.boolean()]);

/** The value of a parameter in a trial. */
export type Value = z.output<typeof scalar>;

/** The values of a trial by the names of its parameters. */
export const assignment = z.record(z.string(), scalar);

/** What {@link assignment} reads. */
export type ParameterValues = Readonly<z.output<typeof assignment>>;

/** One parameter: a number from a range, on a grid where there is a `step`, or one of some values. */
export const distribution = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("float"), ...range, step: z.number().positive().optional() }),
  z.strictObject({
    type: z.literal("int"),
    low: z.int(),
    high: z.int(),
    log: z.boolean().default(false),
    step: z.int().positive().default(1),
  }),
  z.strictObject({ type: z.literal("categorical"), choices: z.array(scalar).min(1) }),
]).superRefine((given, context) => {
  const message = problemOf(given);
  if (message !== undefined) context.addIssue({ code: "custom", message });
});

/** What {@link distribution} reads. */
export type ParameterDistribution = z.output<typeof distribution>;
export type NumericDistribution = Exclude<ParameterDistribution, { type: "categorical" }>;

/** Parameters by name; a dotted name `joint.backbone` gives a suggestion `{ joint: { backbone } }`. */
export const space = z.record(z.string().regex(/^[A-Za-z]\w*(\.[A-Za-z]\w*)*$/), distribution)
  .refine((given) => Object.keys(given).length > 0, "a space has at least one parameter")
  .superRefine((given, context) => {
    const names = Object.keys(given);
    const outer = names.find((name) => names.some((other) => other.startsWith(`${name}.`)));
    if (outer !== undefined) {
      context.addIssue({
        code: "custom",
        message: `${outer} is a parameter, so no other name can begin with "${outer}."`,
      });
    }
  });

/** What {@link space} reads. */
export type SearchSpace = z.output<typeof space>;

function problemOf(given: NumericDistribution | { type: "categorical"; choices: readonly Value[] }) {
  if (given.type === "categorical") {
    return new Set(given.choices).size < given.choices.length ? "each choice once" : undefined;
  }
  const { low, high, log, step } = given;
  if (low > high) return `low is ${low}, above high, which is ${high}`;
  if (log && low <= 0) return `with log: true low must be above 0, but is ${low}`;
  if (log && step !== undefined && !(given.type === "int" && step === 1)) {
    return "a logarithmic range has no step";
  }
  if (step !== undefined && !isOnGrid(high, low, step)) {
    return `high, ${high}, is not a whole number of steps of ${step} above low, ${low}`;
  }
}

function isOnGrid(value: number, low: number, step: number): boolean {
  const steps = (value - low) / step;
  return Math.abs(steps - Math.round(steps)) < 1e-9 * Math.max(1, steps);
}

/** Whether the distribution can give `value`: one outside of it is of another space. */
export function allows(given: ParameterDistribution, value: Value): boolean {
  if (given.type === "categorical") return given.choices.includes(value);
  if (typeof value !== "number" || !(value >= given.low && value <= given.high)) return false;
  return given.step === undefined || isOnGrid(value, given.low, given.step);
}

/**
 * The scale on which a numeric parameter is searched: the bounds, widened by half a step where there is a grid, as
 * logarithms where the range is logarithmic.
 */
export function searchRange(
  { low, high, log, step = 0 }: NumericDistribution,
): { low: number; high: number } {
  const wide = { low: low - step / 2, high: high + step / 2 };
  return log ? { low: Math.log(wide.low), high: Math.log(wide.high) } : wide;
}

/** The allowed value nearest to the position `at` on the scale of {@link searchRange}. */
export function valueAt({ low, high, log, step }: NumericDistribution, at: number): number {
  const raw = log ? Math.exp(at) : at;
  if (step === undefined) return Math.min(Math.max(raw, low), high);
  const steps = Math.min(Math.max(Math.round((raw - low) / step), 0), Math.round((high - low) / step));
  // The number of steps is what is exact; the sum may carry an error, and near 0 it is nothing else.
  const sum = low + steps * step;
  const value = Math.abs(sum) < 1e-9 * step ? 0 : Number(sum.toPrecision(15));
  return Math.min(Math.max(value, low), high);
}

/** All values of a parameter in their order; undefined where there is no end of them. */
export function allValues(given: ParameterDistribution): readonly Value[] | undefined {
  if (given.type === "categorical") return given.choices;
  const { low, high, step } = given;
  if (step === undefined) return low === high ? [low] : undefined;
  return Array.from(
    { length: Math.round((high - low) / step) + 1 },
    (_, i) => valueAt({ ...given, log: false }, low + i * step),
  );
}

/** The values by the parts of their dotted names: `joint.rate` becomes `{ joint: { rate } }`. */
export function nested(values: ParameterValues): Record<string, unknown> {
  const whole: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(values)) {
    const parts = name.split(".");
    let inner = whole;
    for (const part of parts.slice(0, -1)) inner = (inner[part] ??= {}) as Record<string, unknown>;
    inner[parts.at(-1)!] = value;
  }
  return whole;
}

/** The values by their dotted names: what {@link nested} took apart. */
export function flattened(whole: object, prefix = ""): ParameterValues {
  return Object.fromEntries(
    Object.entries(whole).flatMap(([name, part]): [string, Value][] =>
      typeof part === "object"
        ? Object.entries(flattened(part, `${prefix}${name}.`))
        : [[`${prefix}${name}`, part]]
    ),
  );
}
