/** What a process on a node's own disk reports, passed on to the store: results of items once they are there themselves. */

import { join } from "node:path";
import { messageOf } from "../failure.ts";
import { JobEvents } from "../job/job_events.ts";
import type { JobEvent, KindJob } from "../job/kind_job.ts";
import { flushed } from "../store/late_refusals.ts";
import { tryRemoveAll } from "../store/layout.ts";
import { FlowError } from "../errors.ts";
import type { ScratchCopy } from "./scratch_copy.ts";

type ItemEnd = Extract<JobEvent, { readonly event: "item"; readonly ms: number }>;

export class PassedEvents {
  readonly #new: JobEvent[] = [];
  readonly #events: JobEvents;
  #passing: Promise<void> = Promise.resolve();
  #problem: unknown;

  constructor(readonly copy: ScratchCopy, readonly job: KindJob) {
    this.#events = new JobEvents(copy.at(job.eventsFile), job.mode, (event) => this.#new.push(event));
  }

  /** Passes on what is new, in its turn. */
  pass(): void {
    this.#passing = this.#passing.then(() => this.#passNew()).catch((error) => {
      this.#problem ??= error;
    });
  }

  /** Why something was not passed on; undefined where all was. */
  async end(): Promise<unknown> {
    this.pass();
    await this.#passing;
    try {
      flushed(this.copy.inStore(this.job.eventsFile));
    } catch (error) {
      this.#problem ??= error;
    }
    const { problem } = this.#events;
    return this.#problem ?? (problem === undefined ? undefined : new FlowError("reports-lost", problem));
  }

  async #passNew(): Promise<void> {
    this.#events.read();
    const events = this.#new.splice(0);
    if (events.length === 0) return;
    const failures = await this.#keepItems(events.filter(isMade));
    const lines = events.map((event) => `${JSON.stringify(this.#told(event, failures.get(event)))}\n`);
    const text = this.copy.jsonForStore(lines.join(""));
    Deno.writeTextFileSync(this.copy.inStore(this.job.eventsFile), text, { append: true });
    for (const event of events.filter(isMade)) tryRemoveAll(this.copy.at(this.#folderOf(event)));
  }

  /** All at once; where that fails one by one, so that those fail that must. */
  async #keepItems(made: readonly ItemEnd[]): Promise<Map<JobEvent, string>> {
    const failures = new Map<JobEvent, string>();
    try {
      await this.copy.keep(made.map((event) => this.#folderOf(event)));
    } catch {
      for (const event of made) {
        await this.copy.keep([this.#folderOf(event)]).catch((error) => failures.set(event, messageOf(error)));
      }
    }
    return failures;
  }

  #folderOf({ position }: ItemEnd): string {
    return join(this.job.outFolder, String(position));
  }

  #told(event: JobEvent, failure: string | undefined): JobEvent {
    if (failure !== undefined) return { ...event as ItemEnd, error: failure };
    if (event.event !== "item" || "started" in event || event.error === undefined) return event;
    return { ...event, error: event.error + this.copy.fullNote() };
  }
}

function isMade(event: JobEvent): event is ItemEnd {
  return event.event === "item" && "ms" in event && event.error === undefined;
}
