/** A run on a terminal: one live line per running action, below the lines of what has ended. */

import type { Progress } from "../kind.ts";
import type { RunObserver } from "../events.ts";
import { duration, printable } from "./format.ts";
import { progressText } from "./progress_text.ts";
import { outcomeLine, summaryLine } from "./report_lines.ts";
import { writeAll } from "./write_all.ts";

const REDRAW_MS = 120;
const CLEAR_BELOW = "\x1b[J";
const upBy = (lines: number) => lines > 0 ? `\x1b[${lines}A\r` : "\r";

interface Live {
  since: number;
  expectedMs?: number;
  progress?: Progress;
  first?: { done: number; at: number };
  waitingFor?: string;
}

/** `size` gives the columns and rows of the terminal. */
export function liveDisplay(size: () => { columns: number; rows: number }): RunObserver {
  const running = new Map<string, Live>();
  const lines: string[] = [];
  let actions = 0;
  let done = 0;
  let drawn = 0;
  let lastDrawn = 0;
  let timer: ReturnType<typeof setInterval> | undefined;

  const cut = (text: string, columns: number) => [...text].slice(0, columns - 1).join("");
  const draw = () => {
    lastDrawn = Date.now();
    const { columns, rows } = size();
    const now = Date.now();
    const shown = [...running].slice(0, Math.max(1, rows - 4)).map(([id, action]) => {
      const text = action.waitingFor ? `waits for ${action.waitingFor}` : progressText({ ...action, now });
      return cut(`  ${id}  ${printable(text)}`, columns);
    });
    const hidden = running.size - shown.length;
    if (running.size > 0) {
      shown.push(cut(`${done}/${actions} done${hidden > 0 ? `, ${hidden} more running` : ""}`, columns));
    }
    const above = lines.splice(0).map((line) => line + "\n").join("");
    writeAll(Deno.stdout, upBy(drawn) + CLEAR_BELOW + above + shown.map((line) => line + "\n").join(""));
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
    actionRetried(id, reason, waitMs) {
      lines.push(`retry   ${id}  in ${duration(waitMs)}  (${printable(reason)})`);
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
