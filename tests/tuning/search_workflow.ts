/** The text of a workflow that searches: a suggestion, a command in place of a training, and the trial, again and again. */

export interface SearchWorkflow {
  readonly name: string;
  readonly trials: number;
  readonly space: object;
  readonly sampler: object;
  /** The number of trials that a suggestion does not wait for, plus one. */
  readonly lag: number;
  /** A shell script that writes the JSON file `out/figures`; the suggested values are `$1`, `$2`, …. */
  readonly fit: string;
  /** The path of each value in the suggestion, and the value that stands for it until it is known. */
  readonly values: readonly (readonly [path: string, placeholder: number])[];
  /** The path of the figure that is to be small. */
  readonly objective: string;
  /** More tasks, as they stand in a workflow file. */
  readonly more?: string;
}

export function searchWorkflow(
  { name, trials, space, sampler, lag, fit, values, objective, more = "" }: SearchWorkflow,
) {
  const script = JSON.stringify(["sh", "-c", fit, "fit"]).slice(0, -1);
  const taken = values.map((value) => `value("suggest.suggestion", ${JSON.stringify(value).slice(1, -1)})`);
  return `import { axis, before, defineWorkflow, each, value } from "protoflow";
export default defineWorkflow({
  name: "${name}",
  about: "a search",
  matrix: { trial: Array.from({ length: ${trials} }, (_, i) => i) },
  tasks: {
    suggest: {
      kind: "suggest",
      params: {
        space: ${JSON.stringify(space)},
        sampler: ${JSON.stringify(sampler)},
        direction: "minimize",
        seed: 7,
        trial: axis("trial"),
      },
      inputs: { trials: before("trial.trial", "trial", ${lag}) },
    },
    fit: { kind: "command", params: { argv: ${script}, ${taken.join(", ")}] }, outputs: ["figures"] },
    trial: {
      kind: "trial",
      params: { trial: axis("trial"), objective: "${objective}" },
      inputs: { suggestion: "suggest.suggestion", figures: "fit.figures" },
    },
    best: { kind: "best-trial", params: { direction: "minimize" }, inputs: { trials: each("trial.trial", "trial") } },
    ${more}
  },
  result: "best.best",
});
`;
}
