/** The verbs of the command line, each described once: its help, deno.json and README say the same. */

import { Option } from "commander";
import { json, portNumber, wholeNumber } from "./options.ts";
import type { Project } from "./open_workflow.ts";

type RunVerb = (project: Project, ...args: never[]) => Promise<number> | number;

/** A verb of the command line. */
export interface Verb {
  /** Its name and arguments; what is in brackets is optional. */
  readonly usage: string;
  /** One line of help. */
  readonly about: string;
  /** Whether it takes the options that choose a workflow's tasks and what they are computed with. */
  readonly isAboutWorkflow: boolean;
  readonly options: readonly Option[];
  /** Command lines without `deno task`, for its help. */
  readonly examples: readonly string[];
  /** Only the module of the verb that is used is loaded. */
  load(): Promise<RunVerb>;
}

export const VERBS: readonly Verb[] = [
  {
    usage: "run <workflow> [task...]",
    about: "run a workflow, or the named tasks with everything they depend on",
    isAboutWorkflow: true,
    options: [
      new Option("--jobs <n>", "number of cores to use (default: all cores of the machine)").argParser(
        wholeNumber,
      ),
      new Option("--keep-going", "after a failure, continue with tasks that do not depend on the failed one")
        .default(true),
      new Option("--no-keep-going", "after a failure, start no further task"),
      new Option(
        "--executor <name>",
        "where tasks run: on this machine, or as jobs of a cluster (default: that of protoflow.json, or local)",
      ).choices(["local", "slurm"]),
      new Option("--detach", "leave the run to a job on the cluster, and end"),
      new Option("--ignore-space", "start tasks although the disk seems to have too little room for them"),
      json,
    ],
    examples: [
      "run birds",
      "run birds joint --set joint.epochs=2 --jobs 2",
      "run study --executor slurm --detach",
    ],
    load: async () => (await import("./run.ts")).runCommand,
  },
  {
    usage: "plan <workflow> [task...]",
    about: "show which tasks would run, why, and how long they took before; runs nothing",
    isAboutWorkflow: true,
    options: [json],
    examples: ["plan cub200-sam2", "plan birds --set joint.model.coefs.sep=0.1"],
    load: async () => (await import("./plan.ts")).planCommand,
  },
  {
    usage: "why <workflow> <task>",
    about: "show how the key of a task differs from its nearest earlier run",
    isAboutWorkflow: true,
    options: [json],
    examples: ["why birds project", "why birds 'joint[seed=4871]' --set joint.epochs=2"],
    load: async () => (await import("./why.ts")).whyCommand,
  },
  {
    usage: "status",
    about: "list the last runs, and all that are running with their tasks and progress",
    isAboutWorkflow: false,
    options: [json],
    examples: ["status", "status --json"],
    load: async () => (await import("./status.ts")).statusCommand,
  },
  {
    usage: "cancel",
    about: "cancel the jobs on a cluster that runs with this store have submitted",
    isAboutWorkflow: false,
    options: [json],
    examples: ["cancel", "cancel --store /shared/store"],
    load: async () => (await import("./cancel.ts")).cancelCommand,
  },
  {
    usage: "watch [run]",
    about: "follow a run that is going on: bars, curves, memory, logs; with --serve as a page in a browser",
    isAboutWorkflow: false,
    options: [
      new Option("--serve [port]", "serve a page on this machine alone (default: at any free port)")
        .argParser(portNumber).conflicts("json"),
      json,
    ],
    examples: ["watch", "watch last --serve 8080"],
    load: async () => (await import("./watch.ts")).watchCommand,
  },
  {
    usage: "runs [workflow]",
    about: "list all runs as a table, with their overrides, seeds and figures",
    isAboutWorkflow: false,
    options: [
      new Option("--columns <names>", "columns to show, separated by commas, such as run,overrides,Accuracy"),
      new Option("--sort <column>", "column to sort by, upwards").default("when"),
      new Option("--reverse", "sort downwards"),
      new Option("--csv", "print comma-separated values, with standard deviations").conflicts("json"),
      json,
    ],
    examples: ["runs", "runs birds --sort Accuracy --reverse --columns when,overrides,Accuracy"],
    load: async () => (await import("./runs.ts")).runsCommand,
  },
  {
    usage: "graph <workflow> [task...]",
    about: "draw the tasks of a workflow, coloured by state",
    isAboutWorkflow: true,
    options: [
      new Option("--format <format>", "format of the drawing").choices(["mermaid", "dot", "svg"]).default(
        "mermaid",
      ),
    ],
    examples: ["graph birds", "graph study --format svg > study.svg"],
    load: async () => (await import("./graph.ts")).graphCommand,
  },
  {
    usage: "show <workflow> <task>",
    about: "show the key, manifest, outputs, log, time and memory of a task",
    isAboutWorkflow: true,
    options: [json],
    examples: ["show birds report", "show birds 'evaluate[seed=4871]' --json"],
    load: async () => (await import("./show.ts")).showCommand,
  },
  {
    usage: "get <workflow> <task> <folder>",
    about: "copy the outputs of a task, or one of them (task.output), to a folder",
    isAboutWorkflow: true,
    options: [
      new Option("--csv", "write its curves as comma-separated values instead"),
      new Option("--tensorboard", "write its curves as a file that TensorBoard reads instead").conflicts(
        "csv",
      ),
    ],
    examples: ["get birds report.page out", "get birds 'joint[seed=4871]' curves --tensorboard"],
    load: async () => (await import("./get.ts")).getCommand,
  },
  {
    usage: "log <workflow> <task>",
    about: "print the log of a task's last run, of a chain that of all its steps",
    isAboutWorkflow: true,
    options: [new Option("-f, --follow", "go on printing while the task runs, until it ends")],
    examples: ["log birds 'joint[seed=4871]'", "log birds 'joint[seed=4871]' --follow"],
    load: async () => (await import("./log.ts")).logCommand,
  },
  {
    usage: "verify [workflow]",
    about: "check every file of the store against its hash, and the results of a workflow",
    isAboutWorkflow: true,
    options: [
      new Option("--frozen", "fail if any task of the workflow would run"),
      new Option("--rebuild [task...]", "run these tasks (default: all) again and compare their outputs"),
      new Option(
        "--trace [task...]",
        "the same under strace; name each file they read that their keys do not cover",
      ).conflicts("rebuild"),
      new Option("--sample <n>", "of the tasks to run again, only so many, chosen at random").argParser(
        wholeNumber,
      ),
      new Option("--seed <n>", "choose the same sample again").argParser(wholeNumber),
      new Option("--published", "compare the figures of its results with published ones")
        .conflicts(["rebuild", "trace", "frozen"]),
      json,
    ],
    examples: ["verify", "verify birds --rebuild project"],
    load: async () => (await import("./verify.ts")).verifyCommand,
  },
  {
    usage: "key [file]",
    about: "make the key that signs results for a shared cache, and print its public half",
    isAboutWorkflow: false,
    options: [],
    examples: ["key", "key ci.pem"],
    load: async () => (await import("./key.ts")).keyCommand,
  },
  {
    usage: "diff <run> <other>",
    about: "compare two runs: params and other causes, then figures with their differences",
    isAboutWorkflow: false,
    options: [new Option("--full", "every task that differs, with all values of its JSON outputs"), json],
    examples: ["diff 20251124 last", "diff 20251124 last --full"],
    load: async () => (await import("./diff.ts")).diffCommand,
  },
  {
    usage: "gc",
    about: "delete results that neither recent nor pinned runs need",
    isAboutWorkflow: false,
    options: [
      new Option("--older-than <age>", "delete only results unused for this long, such as 30d"),
      new Option(
        "--max-size <size>",
        "delete least recently used results until the store fits, such as 50GB",
      ),
      new Option("--dry-run", "only report what would be deleted"),
      json,
    ],
    examples: ["gc --dry-run", "gc --older-than 30d --max-size 50GB"],
    load: async () => (await import("./gc.ts")).gcCommand,
  },
  {
    usage: "pin <run>",
    about: "keep the results of a run from gc",
    isAboutWorkflow: false,
    options: [new Option("--remove", "unpin the run")],
    examples: ["pin last", "pin last --remove"],
    load: async () => (await import("./gc.ts")).pinCommand,
  },
  {
    usage: "list [name]",
    about:
      "list workflows, kinds, models, data sets and methods, or show the params, inputs and outputs of one",
    isAboutWorkflow: false,
    options: [json],
    examples: ["list", "list crop-views"],
    load: async () => (await import("./list.ts")).listCommand,
  },
  {
    usage: "new <what> <name>",
    about: "write a small workflow, kind or model that works, in the current folder",
    isAboutWorkflow: false,
    options: [],
    examples: ["new workflow letters", "new kind count-lines", "new model mine"],
    load: async () => (await import("./new.ts")).newCommand,
  },
  {
    usage: "completion <shell>",
    about: "print what makes a shell complete these commands: bash, zsh or fish",
    isAboutWorkflow: false,
    options: [],
    examples: ["completion bash >> ~/.bashrc", "completion fish > ~/.config/fish/completions/protoflow.fish"],
    load: async () => (await import("./completion.ts")).completionCommand,
  },
];
