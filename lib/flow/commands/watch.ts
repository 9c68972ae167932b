/** `watch`: follows a run from another terminal, or as a page in a browser, until it ends. */

import { fitting, sizeOf } from "../display/fitting.ts";
import { printableJson } from "../display/printable.ts";
import { note, print, printJson, redraw } from "../display/terminal.ts";
import type { ListedRun } from "../history/run_list.ts";
import { Standings } from "../history/standings.ts";
import { headLines, taskLines } from "../watch/watch_text.ts";
import { chosenRun, RunWatcher, type WatchedRun } from "../watch/watched_run.ts";
import { type CommonOptions, openStore, type Project, storeFolder } from "./open_workflow.ts";

export interface WatchOptions extends CommonOptions {
  /** The port of the page; `true` for any that is free. */
  readonly serve?: number | true;
}

/** What a run writes about itself is written once a second. */
const LOOK_MS = 1000;

export async function watchCommand(
  project: Project,
  given: string | undefined,
  options: WatchOptions,
): Promise<number> {
  const store = storeFolder(project, options);
  const { curves = {}, standings = [] } = await project.registry();
  const steps = new Set(Object.values(curves).map(({ step }) => step));
  const first = chosenRun(store, given);
  const opened = openStore(project, options);
  const watcherOf = (run: ListedRun) => new RunWatcher(store, run, steps, new Standings(opened, standings));
  try {
    return options.serve === undefined
      ? await follow(watcherOf(first), options.json === true)
      : await servePage(project, { store, given, watcherOf }, options.serve);
  } finally {
    opened.close();
  }
}

/** Until the run ends. */
async function follow(watcher: RunWatcher, json: boolean): Promise<number> {
  const show = json ? showJson() : Deno.stdout.isTerminal() ? showLive() : showPlain();
  for (;;) {
    const seen = await watcher.look();
    const isOver = seen.state !== "running";
    show(seen, isOver);
    if (isOver) return 0;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

type Show = (seen: WatchedRun, isOver: boolean) => void;

function showJson(): Show {
  return (seen) => printJson({ event: "watch", ...seen });
}

/** What is running is drawn again and again, below the lines of what has ended. */
function showLive(): Show {
  let drawn = 0;
  let told = 0;
  return (seen, isOver) => {
    const { columns, rows } = sizeOf(() => Deno.consoleSize());
    const lines = [...headLines(seen), ...seen.running.flatMap(taskLines)];
    const shown = isOver ? lines : lines.slice(0, Math.max(1, rows - 1));
    redraw(drawn, seen.outcomes.slice(told), shown.map((line) => fitting(line, columns)));
    drawn = shown.length;
    told = seen.outcomes.length;
  };
}

/** What is running is printed once, then what ends. */
function showPlain(): Show {
  let told = 0;
  let isFirst = true;
  return (seen, isOver) => {
    print(...seen.outcomes.slice(told));
    told = seen.outcomes.length;
    if (isFirst || isOver) print(...headLines(seen), ...seen.running.flatMap(taskLines));
    isFirst = false;
  };
}

/** Until it is interrupted; without a named run, the page goes over to the next one that is started. */
async function servePage(
  project: Project,
  { store, given, watcherOf }: {
    store: string;
    given: string | undefined;
    watcherOf: (run: ListedRun) => RunWatcher;
  },
  port: number | true,
): Promise<number> {
  const [{ livePage, liveParts, LIVE_POLICY }, { serveLive }] = await Promise.all([
    project.livePage(),
    import("../watch/live_server.ts"),
  ]);
  let run = chosenRun(store, given);
  let watcher = watcherOf(run);
  let isOver = false;
  const abort = new AbortController();
  const interrupt = () => abort.abort();
  Deno.addSignalListener("SIGINT", interrupt);
  Deno.addSignalListener("SIGTERM", interrupt);
  await serveLive({
    port: port === true ? 0 : port,
    page: livePage(),
    policy: LIVE_POLICY,
    look: async () => {
      const next = isOver ? chosenRun(store, given) : run;
      if (next.head.run !== run.head.run) watcher = watcherOf(run = next);
      const seen = await watcher.look();
      isOver = seen.state !== "running";
      return printableJson(liveParts(seen));
    },
    everyMs: LOOK_MS,
    signal: abort.signal,
    onReady: (address) => {
      print(`open ${address}`);
      note("the page can be opened on this machine alone; Ctrl-C ends it, and not the run");
    },
  });
  return 0;
}
