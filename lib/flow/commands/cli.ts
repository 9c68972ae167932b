/** The command line: parsing, errors and exit codes. */

import { Command, CommanderError } from "commander";
import { FlowError } from "../errors.ts";
import { failureText, messageOf } from "../failure.ts";
import { outputProblem, printError, printText } from "../display/terminal.ts";
import { choices, store } from "./options.ts";
import { type CommonOptions, type Project, storeFolder } from "./open_workflow.ts";
import { type Verb, VERBS } from "./verbs.ts";

const BAD_USAGE = 2;
const INTERRUPTED = 130;

/**
 * Runs the command line `args`; resolves to the exit code. Errors are printed, never with a stack.
 *
 * @param verbs those of the project, beside the engine's
 */
export async function commandLine(
  args: readonly string[],
  project: Project,
  verbs: readonly Verb[] = [],
): Promise<number> {
  let exitCode = 0;
  let store: string | undefined;
  const program = buildProgram(project, [...VERBS, ...verbs], (code) => (exitCode = code), (options) => {
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

/** `deno task` runs in the project's folder, but paths on the command line are relative to the user's folder. */
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
  other: "the id of another run",
  folder: "where to write; nothing is overwritten",
  task: "a task, or one member of it, such as joint[seed=1]",
  run: "the id of a run, as listed by runs",
  model: "a folder that get wrote, or WORKFLOW[seed=N]; WORKFLOW:TASK[seed=N] where there are several models",
  photo: "JPEG or PNG files, or folders with such files",
};

function buildProgram(
  project: Project,
  verbs: readonly Verb[],
  exit: (code: number) => void,
  chosen: (options: CommonOptions) => void,
): Command {
  const program = new Command("protoflow")
    .description(
      "runs workflows: DAGs of tasks whose outputs are cached under a hash of everything that produced them",
    )
    .exitOverride()
    .configureOutput({
      writeErr: printError,
      writeOut: printText,
    })
    .showHelpAfterError("(see --help)");
  for (const { usage, about, isAboutWorkflow, options, examples = [], load } of verbs) {
    const command = program.command(usage).description(about);
    for (const argument of command.registeredArguments) {
      argument.description = ARGUMENTS[argument.name()] ?? "";
    }
    const all = [store, ...(isAboutWorkflow ? choices(project.devices) : []), ...options];
    for (const option of all) command.addOption(option);
    if (examples.length > 0) {
      command.addHelpText(
        "after",
        `\nExamples:\n${examples.map((line) => `  deno task ${line}\n`).join("")}`,
      );
    }
    command.action(async (...args) => {
      chosen(command.opts<CommonOptions>());
      exit(await (await load())(project, ...args as never[]));
    });
  }
  return program;
}
