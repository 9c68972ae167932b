/** The command line: verbs, flags, errors and exit codes. */

import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { FlowError } from "../errors.ts";
import { writeAll } from "../run/write_all.ts";
import type { Project } from "./session.ts";

const BAD_USAGE = 2;
const INTERRUPTED = 130;

/** Runs the command line `args`; resolves to the exit code. Errors are printed, without a stack where they are the user's. */
export async function commandLine(args: readonly string[], project: Project): Promise<number> {
  let exitCode = 0;
  const program = buildProgram(project, (code) => (exitCode = code));
  try {
    await program.parseAsync([...args], { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : BAD_USAGE;
    const text = error instanceof FlowError ? error.message : (error as Error).stack ?? String(error);
    writeAll(Deno.stderr, `error: ${text}\n`);
    return error instanceof FlowError ? exitCodeOf(error) : 1;
  }
}

/** A problem of the disk, the machine or a task may mend itself; all other errors of ours are the user's to mend. */
function exitCodeOf({ code }: FlowError): number {
  if (code === "interrupted") return INTERRUPTED;
  return /^(store|source|rebuild|code)-/.test(code) ? 1 : BAD_USAGE;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) {
    throw new InvalidArgumentError("expected a whole number from 1 on.");
  }
  return value;
}

const collect = (value: string, earlier: string[] = []) => [...earlier, value];

function buildProgram(project: Project, exit: (code: number) => void): Command {
  const program = new Command("protoflow")
    .description(
      "runs workflows: a DAG of hashed tasks whose outputs are kept by the hash of all that made them",
    )
    .exitOverride()
    .configureOutput({
      writeErr: (text) => writeAll(Deno.stderr, text),
      writeOut: (text) => writeAll(Deno.stdout, text),
    })
    .showHelpAfterError("(--help says more)");
  const verb = (name: string, about: string) =>
    program.command(name).description(about).option(
      "--store <folder>",
      "the store (default: cache/ of the project)",
    );
  const overridable = (command: Command) =>
    command
      .option("--profile <name>", "one of the workflow's overlays of params")
      .option(
        "--set <field=value>",
        "task.param=value, task.input=path or matrix.axis=v1,v2; may be repeated",
        collect,
      )
      .option("--device <name>", "what to compute on", "cpu")
      .addOption(
        new Option("--runtime <name>", "what to compute with: onnxruntime or TensorFlow.js")
          .choices(["ort", "tfjs"])
          .default("ort"),
      );
  const json = new Option("--json", "one JSON object a line");
  const withExit =
    <A extends unknown[]>(action: (...args: A) => Promise<number> | number) => async (...args: A) =>
      exit(await action(...args));

  overridable(verb("run", "run a workflow, or some of its tasks with all they need"))
    .argument("<workflow>", "a name in workflows/, or a path")
    .argument("[task...]")
    .option("--jobs <n>", "cores to give out (default: those of the machine)", wholeNumber)
    .option("--keep-going", "go on with what does not depend on a failed task (the default)", true)
    .option("--no-keep-going", "begin nothing new once a task has failed")
    .addOption(json)
    .action(
      withExit(async (workflow, tasks, options) =>
        (await import("./run.ts")).runCommand(project, workflow, tasks, options)
      ),
    );
  overridable(verb("plan", "what would run and why, with time from history; changes nothing"))
    .argument("<workflow>")
    .argument("[task...]")
    .addOption(json)
    .action(
      withExit(async (workflow, tasks, options) =>
        (await import("./plan.ts")).planCommand(project, workflow, tasks, options)
      ),
    );
  overridable(verb("why", "what differs from the nearest earlier run of a task"))
    .argument("<workflow>")
    .argument("<task>")
    .addOption(json)
    .action(
      withExit(async (workflow, task, options) =>
        (await import("./why.ts")).whyCommand(project, workflow, task, options)
      ),
    );
  verb("status", "runs and running actions: who, where, since when, how far")
    .addOption(json)
    .action(withExit(async (options) => (await import("./status.ts")).statusCommand(project, options)));
  overridable(verb("graph", "the workflow as a drawing, each task coloured by its state"))
    .argument("<workflow>")
    .argument("[task...]")
    .addOption(
      new Option("--format <format>", "of the drawing").choices(["mermaid", "dot", "svg"]).default("mermaid"),
    )
    .action(
      withExit(async (workflow, tasks, options) =>
        (await import("./graph.ts")).graphCommand(project, workflow, tasks, options)
      ),
    );
  overridable(verb("show", "key, manifest, outputs, log, time and memory of a task"))
    .argument("<workflow>")
    .argument("<task>")
    .addOption(json)
    .action(
      withExit(async (workflow, task, options) =>
        (await import("./show.ts")).showCommand(project, workflow, task, options)
      ),
    );
  overridable(verb("get", "a copy of an output, as files"))
    .argument("<workflow>")
    .argument("<task>", "task or task.output")
    .argument("<folder>")
    .action(
      withExit(async (workflow, task, folder, options) =>
        (await import("./get.ts")).getCommand(project, workflow, task, folder, options)
      ),
    );
  overridable(verb("log", "what a task printed when it was last run"))
    .argument("<workflow>")
    .argument("<task>")
    .action(
      withExit(async (workflow, task, options) =>
        (await import("./log.ts")).logCommand(project, workflow, task, options)
      ),
    );
  overridable(verb("verify", "check the store by digest, or that a workflow is reproduced"))
    .argument("[workflow]")
    .option("--frozen", "fail if anything of the workflow would run")
    .option("--rebuild [task...]", "run these tasks (or all) again and compare with what is kept")
    .addOption(json)
    .action(
      withExit(async (workflow, options) =>
        (await import("./verify.ts")).verifyCommand(project, workflow, options)
      ),
    );
  verb("diff", "two runs side by side: params, digests, figures")
    .argument("<run>")
    .argument("<other>")
    .addOption(json)
    .action(
      withExit(async (first, second, options) =>
        (await import("./diff.ts")).diffCommand(project, first, second, options)
      ),
    );
  verb("gc", "remove results that neither the last runs nor pinned ones need")
    .option("--older-than <age>", "only what was not used for so long, such as 30d")
    .option("--max-size <size>", "only as much as makes the store this small, such as 50GB")
    .option("--dry-run", "only say what would be freed")
    .addOption(json)
    .action(withExit(async (options) => (await import("./gc.ts")).gcCommand(project, options)));
  verb("pin", "keep the results of a run from gc")
    .argument("<run>")
    .option("--remove", "no longer keep them")
    .action(withExit(async (run, options) => (await import("./gc.ts")).pinCommand(project, run, options)));
  return program;
}
