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
  const program = programOf(project, [...VERBS, ...verbs], async ({ verb, options, args }) => {
    store = storeFolder(project, options);
    exitCode = await (await verb.load())(project, ...args as never[]);
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

/** A verb with its arguments in their order; the last of them are its options and its command. */
export interface Call {
  readonly verb: Verb;
  readonly args: readonly unknown[];
  readonly options: CommonOptions;
}

/**
 * The call that a command line stands for, which is not made.
 *
 * @param verbs those of the project, beside the engine's
 * @throws CommanderError where it can't be understood
 */
export async function parseCall(
  args: readonly string[],
  project: Project,
  verbs: readonly Verb[] = [],
): Promise<Call> {
  let found: Call | undefined;
  const program = programOf(project, [...VERBS, ...verbs], (call) => void (found = call));
  await program.parseAsync([...args], { from: "user" });
  return found!;
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
  name: "what is to be shown or made",
  what: "workflow, kind or model",
  shell: "bash, zsh or fish",
};

/** The program with these verbs; calls `use` for the one that is parsed. */
export function programOf(
  project: Project,
  verbs: readonly Verb[],
  use: (call: Call) => Promise<void> | void,
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
  for (const verb of verbs) {
    const { usage, about, isAboutWorkflow, options, examples } = verb;
    const command = program.command(usage).description(about);
    command.addHelpText(
      "after",
      ["\nExamples:", ...examples.map((one) => `  deno task ${one}`), ""].join("\n"),
    );
    for (const argument of command.registeredArguments) {
      argument.description = ARGUMENTS[argument.name()] ?? "";
    }
    const all = [store, ...(isAboutWorkflow ? choices(project.devices) : []), ...options];
    for (const option of all) command.addOption(option);
    command.action((...args) => use({ verb, args, options: command.opts<CommonOptions>() }));
  }
  return program;
}
