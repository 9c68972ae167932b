/** The command line: verbs, flags, errors and exit codes. */

import { Command, CommanderError, Option } from "commander";
import { FlowError } from "../errors.ts";
import { failureText, messageOf } from "../failure.ts";
import { outputProblem, printError, printText } from "../display/terminal.ts";
import { choices, json, store, wholeNumber } from "./options.ts";
import { type CommonOptions, type Project, storeFolder } from "./session.ts";

const BAD_USAGE = 2;
const INTERRUPTED = 130;

/** Runs the command line `args`; resolves to the exit code. Errors are printed, never with a stack. */
export async function commandLine(args: readonly string[], project: Project): Promise<number> {
  let exitCode = 0;
  let store: string | undefined;
  const program = buildProgram(project, (code) => (exitCode = code), (options) => {
    store = storeFolder(project, options);
  });
  try {
    goToUser();
    const illegal = args.find((argument) => argument.includes("\ufffd"));
    if (illegal !== undefined) throw new FlowError("usage", `the argument ${illegal} is not valid Unicode`);
    await program.parseAsync([...args], { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) exitCode = error.exitCode === 0 ? 0 : BAD_USAGE;
    else {
      printError(`error: ${failureText(error, store)}\n`);
      exitCode = error instanceof FlowError ? exitCodeOf(error) : 1;
    }
  }
  const problem = outputProblem();
  if (problem === undefined) return exitCode;
  printError(`error: could not write to standard output: ${messageOf(problem)}\n`);
  return exitCode || 1;
}

/** `deno task` works in the project's folder, but the paths of the command line are relative to the user's. */
function goToUser(): void {
  const folder = Deno.env.get("PROTOFLOW_CWD");
  try {
    if (folder) Deno.chdir(folder);
    else Deno.cwd();
  } catch (error) {
    throw new FlowError("usage", `the current folder ${folder ?? ""} can't be used: ${messageOf(error)}`);
  }
}

/** A problem of the disk, the machine or a task may mend itself; all other errors of ours are the user's to mend. */
function exitCodeOf({ code }: FlowError): number {
  if (code === "interrupted") return INTERRUPTED;
  return /^(store|source|rebuild|code)-/.test(code) ? 1 : BAD_USAGE;
}

const ARGUMENTS: Record<string, string> = {
  workflow: "a name in workflows/, or a path",
  task: "a task, or one of its members such as joint[seed=1]",
  run: "the id of a run, as status lists them",
};

function buildProgram(
  project: Project,
  exit: (code: number) => void,
  chosen: (options: CommonOptions) => void,
): Command {
  const program = new Command("protoflow")
    .description(
      "runs workflows: a DAG of hashed tasks whose outputs are kept by the hash of all that made them",
    )
    .exitOverride()
    .configureOutput({
      writeErr: printError,
      writeOut: printText,
    })
    .showHelpAfterError("(--help says more)");
  /** Only the module of the verb that is used is loaded. */
  const verb = <Args extends unknown[]>(
    usage: string,
    about: string,
    options: readonly Option[],
    load: () => Promise<(project: Project, ...args: Args) => Promise<number> | number>,
  ) => {
    const command = program.command(usage).description(about);
    for (const argument of command.registeredArguments) {
      argument.description = ARGUMENTS[argument.name()] ?? "";
    }
    for (const option of [store, ...options]) command.addOption(option);
    command.action(async (...args) => {
      chosen(command.opts<CommonOptions>());
      exit(await (await load())(project, ...args as Args));
    });
  };
  const choosing = choices(project.devices);

  verb(
    "run <workflow> [task...]",
    "run a workflow, or some of its tasks with all they need",
    [
      ...choosing,
      new Option("--jobs <n>", "cores to give out (default: those of the machine)").argParser(wholeNumber),
      new Option("--keep-going", "go on with what does not depend on a failed task")
        .default(true),
      new Option("--no-keep-going", "begin nothing new once a task has failed"),
      json,
    ],
    async () => (await import("./run.ts")).runCommand,
  );
  verb(
    "plan <workflow> [task...]",
    "what would run and why, with time from history; changes nothing",
    [...choosing, json],
    async () => (await import("./plan.ts")).planCommand,
  );
  verb(
    "why <workflow> <task>",
    "what differs from the nearest earlier run of a task",
    [...choosing, json],
    async () => (await import("./why.ts")).whyCommand,
  );
  verb(
    "status",
    "runs and running actions: who, where, since when, how far",
    [json],
    async () => (await import("./status.ts")).statusCommand,
  );
  verb(
    "graph <workflow> [task...]",
    "the workflow as a drawing, each task coloured by its state",
    [
      ...choosing,
      new Option("--format <format>", "of the drawing").choices(["mermaid", "dot", "svg"]).default("mermaid"),
    ],
    async () => (await import("./graph.ts")).graphCommand,
  );
  verb(
    "show <workflow> <task>",
    "key, manifest, outputs, log, time and memory of a task",
    [...choosing, json],
    async () => (await import("./show.ts")).showCommand,
  );
  verb(
    "get <workflow> <task> <folder>",
    "a copy of the outputs of a task, or of one of them (task.output), as files",
    choosing,
    async () => (await import("./get.ts")).getCommand,
  );
  verb(
    "log <workflow> <task>",
    "what a task printed when it was last run",
    choosing,
    async () => (await import("./log.ts")).logCommand,
  );
  verb(
    "verify [workflow]",
    "check the store by digest, or that a workflow is reproduced",
    [
      ...choosing,
      new Option("--frozen", "fail if anything of the workflow would run"),
      new Option("--rebuild [task...]", "run these tasks (or all) again and compare with what is kept"),
      json,
    ],
    async () => (await import("./verify.ts")).verifyCommand,
  );
  verb(
    "diff <run> <other>",
    "two runs side by side: params, digests, figures",
    [json],
    async () => (await import("./diff.ts")).diffCommand,
  );
  verb(
    "gc",
    "remove results that neither the last runs nor pinned ones need",
    [
      new Option("--older-than <age>", "only what was not used for so long, such as 30d"),
      new Option("--max-size <size>", "only as much as makes the store this small, such as 50GB"),
      new Option("--dry-run", "only say what would be freed"),
      json,
    ],
    async () => (await import("./gc.ts")).gcCommand,
  );
  verb(
    "pin <run>",
    "keep the results of a run from gc",
    [new Option("--remove", "no longer keep them")],
    async () => (await import("./gc.ts")).pinCommand,
  );
  return program;
}
