/** A run on a terminal: one live line per running action, below the lines of finished ones. */

import type { Progress } from "../kind.ts";
import type { RunObserver } from "../events.ts";
import type { JobPlace } from "../place.ts";
import { duration } from "./format.ts";
import { fitting, sizeOf, type TerminalSize } from "./fitting.ts";
import { oneLine } from "./printable.ts";
import { progressText } from "./progress_text.ts";
import { outcomeLine, summaryLine } from "./report_lines.ts";
import { redraw } from "./terminal.ts";

const REDRAW_MS = 120;

interface Live {
  since: number;
  expectedMs?: number;
  progress?: Progress;
  first?: { done: number; at: number };
  waitingFor?: string;
  place?: JobPlace;
}

/** `size` gives the columns and rows of the terminal. */
export function liveDisplay(size: () => TerminalSize): RunObserver {
  const running = new Map<string, Live>();
  const lines: string[] = [];
  let actions = 0;
  let done = 0;
  let drawn = 0;
  let lastDrawn = 0;
  let timer: ReturnType<typeof setInterval> | undefined;

  const draw = () => {
    lastDrawn = Date.now();
    const { columns, rows } = sizeOf(size);
    const now = Date.now();
    const shown = [...running].slice(0, Math.max(1, rows - 4)).map(([id, action]) => {
      const text = action.waitingFor ? `waits for ${action.waitingFor}` : progressText({ ...action, now });
      return fitting(`  ${id}  ${text}`, columns);
    });
    const hidden = running.size - shown.length;
    if (running.size > 0) {
      shown.push(fitting(`${done}/${actions} done${hidden > 0 ? `, ${hidden} more running` : ""}`, columns));
    }
    redraw(drawn, lines.splice(0), shown);
    drawn = shown.length;
  };
  const changed = () => {
    if (timer === undefined) {
      timer = setInterval(draw, REDRAW_MS);
      Deno.unrefTimer(timer as unknown as number);
    }
    if (Date.now() - lastDrawn >= REDRAW_MS) draw();
  };
  return {
    started: (run) => (actions = run.actions),
    actionStarted({ id, expectedMs }) {
      const known = running.get(id);
      if (known) known.waitingFor = undefined;
      else running.set(id, { since: Date.now(), expectedMs });
      changed();
    },
    actionProgress(id, progress) {
      const action = running.get(id);
      if (!action) return;
      action.first ??= { done: progress.done, at: Date.now() };
      action.progress = progress;
    },
    actionWaiting(id, _key, waitingFor) {
      running.set(id, { since: Date.now(), waitingFor });
      changed();
    },
    actionPlaced(id, place) {
      const action = running.get(id);
      if (action) action.place = place;
    },
    actionRetried(id, reason, waitMs) {
      lines.push(`retry   ${id}  in ${duration(waitMs)}  (${oneLine(reason)})`);
      changed();
    },
    actionEnded(outcome) {
      done++;
      running.delete(outcome.id);
      const line = outcomeLine(outcome);
      if (line !== undefined) {
        lines.push(line);
        changed();
      }
    },
    ended(summary) {
      clearInterval(timer);
      running.clear();
      lines.push(summaryLine(summary));
      draw();
    },
  };
}
