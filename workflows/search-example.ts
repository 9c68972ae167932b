/** A search over a program: 20 trials of three values. The program stands for a training. */
import { axis, before, defineWorkflow, each, value } from "protoflow";

const space = {
  width: { type: "int", low: 1, high: 12 },
  rate: { type: "float", low: 1e-4, high: 1, log: true },
  shape: { type: "categorical", choices: ["round", "square"] },
} as const;

export default defineWorkflow({
  name: "search-example",
  about: "a search over a program, to begin with",
  matrix: { trial: Array.from({ length: 20 }, (_, i) => i) },
  tasks: {
    suggest: {
      kind: "suggest",
      params: {
        space,
        direction: "minimize",
        seed: 7,
        trial: axis("trial"),
      },
      inputs: { trials: before("trial.trial", "trial", 1) },
    },
    train: {
      kind: "command",
      params: {
        argv: [
          "sh",
          "-c",
          'awk -v w="$1" -v r="$2" \'BEGIN { print "{\\"loss\\": " (w - 8) ^ 2 + (log(r) + 4) ^ 2 "}" }\' > out/figures',
          "train",
          value("suggest.suggestion", "width", 1),
          value("suggest.suggestion", "rate", 0.1),
          value("suggest.suggestion", "shape", "round"),
        ],
      },
      outputs: ["figures"],
    },
    trial: {
      kind: "trial",
      params: { trial: axis("trial"), objective: "loss" },
      inputs: { suggestion: "suggest.suggestion", figures: "train.figures" },
    },
    best: {
      kind: "best-trial",
      params: { direction: "minimize" },
      inputs: { trials: each("trial.trial", "trial") },
    },
    report: {
      kind: "search-report",
      params: { title: "A search over a program", space, direction: "minimize", objective: "loss" },
      inputs: { trials: each("trial.trial", "trial") },
    },
  },
  result: "report.page",
});
