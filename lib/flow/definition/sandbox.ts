/** Runs a workflow file in a process that has no permission, a time limit and a memory limit; the result is plain data. */
import { bundle, BundleError } from "../bundle.ts";
import { cpuSeconds } from "../../system/cpu_seconds.ts";
import { show, WorkflowError } from "./workflow_error.ts";

/** The result of running a workflow file. */
export interface Definition {
  /** The default export; plain data of unknown shape. */
  readonly value: unknown;
  /** Every file the definition was read from (absolute, sorted). */
  readonly modules: readonly string[];
}

export interface SandboxLimits {
  /** CPU time; where that is not known, time. */
  readonly seconds: number;
  readonly memoryMB: number;
  /** The size limit of the definition as JSON. */
  readonly outputMB: number;
}

const defaultLimits: SandboxLimits = { seconds: 10, memoryMB: 512, outputMB: 128 };

/** On a busy machine a process may take many times its CPU time; one that only waits is ended after so many. */
const MOST_TIMES = 12;
const LOOKS = 10;

const script = Deno.readTextFileSync(new URL("./sandbox_script.js", import.meta.url)).split(
  "/* the bundle */",
);

/**
 * Bundles and runs the workflow file at an absolute path. The process can read no file, no clock and no network,
 * and draws no random numbers. It is a process and not a worker because a worker that runs out of memory takes the
 * whole process with it.
 * @throws WorkflowError when the file is no module, throws, exceeds a limit or is not plain data.
 */
export async function runDefinition(
  file: string,
  limits: SandboxLimits = defaultLimits,
): Promise<Definition> {
  const fail = (message: string, field?: string) => new WorkflowError(file, [{ message, field }]);
  // A process takes as long to start as the file to be bundled.
  const process = startWithoutPermissions(limits);
  const { code, modules } = await bundle(file, {
    format: "iife",
    globalName: "workflow",
    minify: false,
    refusePackages: `a workflow imports "protoflow" and its own modules by relative path only`,
  }).catch(async (error) => {
    process.kill("SIGKILL");
    await Promise.all([process.stdin.abort(), process.output()]);
    if (!(error instanceof BundleError)) throw error;
    throw new WorkflowError(
      file,
      error.problems.map(({ file: at, line, column, text }) => ({
        field: at && line !== undefined ? `${at}:${line}:${column! + 1}` : undefined,
        message: text,
      })),
    );
  });

  const outcome = await runToEnd(process, script.join(code), limits);
  if (outcome.ended === "time") {
    throw fail(`running it took longer than ${limits.seconds} s; does it contain an endless loop?`);
  }
  if (outcome.ended === "memory") {
    throw fail(`running it needs more than ${limits.memoryMB} MB of memory`);
  }
  if (outcome.ended === "output") throw fail(`it is larger than ${limits.outputMB} MB`);
  const answer = parseAnswer(outcome.output);
  if (!answer) throw fail(`running it ended without an answer: ${outcome.errors.trim().slice(-500)}`);
  if ("error" in answer) throw fail(`running it failed: ${answer.error}`);
  if ("unfit" in answer) {
    throw new WorkflowError(
      file,
      answer.unfit.map(({ path, what }) => ({
        field: path.join(".") || "the default export",
        message: "a workflow is plain data",
        given: what,
        expected: "a string, number, boolean, null, list or plain object",
      })),
    );
  }
  return { value: answer.value, modules };
}

type Answer = { value: unknown } | { error: string } | {
  unfit: { path: (string | number)[]; what: string }[];
};

function parseAnswer(text: string): Answer | undefined {
  try {
    const answer = JSON.parse(text);
    if (typeof answer !== "object" || answer === null) return undefined;
    if (Array.isArray(answer.unfit)) {
      return {
        unfit: answer.unfit.map((found: { path?: unknown; what?: unknown }) => ({
          path: Array.isArray(found?.path) ? found.path.map(String) : [],
          what: typeof found?.what === "string" ? found.what : show(found),
        })),
      };
    }
    if ("error" in answer) return { error: String(answer.error) };
    return "value" in answer ? { value: answer.value } : undefined;
  } catch {
    return undefined;
  }
}

interface Outcome {
  readonly ended: "itself" | "time" | "memory" | "output";
  readonly output: string;
  readonly errors: string;
}

/** Starts a process that runs what it is given as its standard input. */
function startWithoutPermissions(limits: SandboxLimits): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--no-remote",
      "--no-npm",
      "--no-config",
      "--no-lock",
      "--ext=js",
      `--v8-flags=--disallow-code-generation-from-strings,--max-old-space-size=${limits.memoryMB}`,
      "-",
    ],
    // The locale would reach the definition through toLocaleString.
    env: { LC_ALL: "C", NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function runToEnd(child: Deno.ChildProcess, source: string, limits: SandboxLimits): Promise<Outcome> {
  let ended: Outcome["ended"] = "itself";
  const end = (why: Outcome["ended"]) => {
    if (ended === "itself") ended = why;
    try {
      child.kill("SIGKILL");
    } catch { /* it has ended already */ }
  };
  const begin = performance.now();
  const timer = setInterval(() => {
    const seconds = (performance.now() - begin) / 1000;
    // Of a process that has just ended no time is told any more; where none is told at all, the clock decides.
    const used = cpuSeconds(child.pid) ?? (Deno.build.os === "linux" ? 0 : seconds);
    if (used >= limits.seconds || seconds >= MOST_TIMES * limits.seconds) end("time");
  }, limits.seconds * 1000 / LOOKS);
  const [output, errors] = await Promise.all([
    readUpTo(child.stdout, limits.outputMB * 2 ** 20, () => end("output")),
    readUpTo(child.stderr, 2 ** 16, () => {}),
    feed(child.stdin, source),
  ]);
  await child.status;
  clearInterval(timer);
  if (ended === "itself" && errors.includes("JavaScript out of memory")) ended = "memory";
  return { ended, output, errors };
}

async function feed(stdin: WritableStream<Uint8Array>, text: string): Promise<void> {
  try {
    await new Blob([text]).stream().pipeTo(stdin);
  } catch { /* a process that is gone says so by its output */ }
}

/** Reads all, keeps the first `limit` bytes. */
async function readUpTo(
  stream: ReadableStream<Uint8Array>,
  limit: number,
  exceeded: () => void,
): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length <= limit) text += decoder.decode(chunk, { stream: true });
    else exceeded();
  }
  return text;
}
