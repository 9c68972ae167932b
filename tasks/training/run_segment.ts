/** Runs one segment of a training phase; shared by the kinds `warm-up`, `joint` and `fine-tune`. */
import { classesWithout, listed } from "../../lib/data/data_set.ts";
import type { TaskContext } from "../../lib/flow/kind.ts";
import type { PhaseParams } from "../../lib/models/training/phase/phase_params.ts";
import { type PhaseRun, runPhase } from "../../lib/models/training/phase/phase_run.ts";
import { readViewsIndex } from "../../lib/data/views/views_file.ts";
import { readState } from "../../lib/models/training/state/state_files.ts";
import { type Forms, readForms } from "../../lib/runtime/forms.ts";
import type { ShortOfMemory } from "../../lib/runtime/room.ts";
import { sessionOptions } from "../../lib/runtime/session_options.ts";

/** The inputs that all phases share. */
export const phaseInputs = {
  views: { about: "the views to train with" },
  validation: { about: "held-out views for choosing the checkpoint", optional: true },
  forms: { about: "the output of the kind tune, measured on this machine", optional: true },
} as const;

type Params = PhaseParams & { readonly epochs: number; readonly fidelity: PhaseRun["fidelity"] };

/**
 * Runs the segment of `context.chain`.
 *
 * @param first the state at the start of the chain
 */
export async function runSegment(
  context: TaskContext<Params>,
  phase: PhaseRun["phase"],
  first: () => PhaseRun["start"],
  rates: PhaseRun["rates"],
): Promise<void> {
  const { params, chain } = context;
  const { from, to, state } = chain!;
  const views = context.input("views");
  const images = readViewsIndex(views).samples.length;
  const [validation] = context.inputs("validation");
  if (from === 0 && validation !== undefined) {
    const { classes, samples } = readViewsIndex(validation);
    const without = classesWithout(classes, samples);
    if (without.length > 0) {
      context.log(`warning: the held-out views have no image of these classes: ${listed(without)}`);
    }
  }
  // A program that is closed for others is opened again, and told once.
  const told = new Set<string>();
  await runPhase({
    phase,
    start: state === undefined ? first() : readState(state),
    epochs: to - from,
    params,
    fidelity: params.fidelity,
    rates,
    views,
    validation,
    output: { state: context.output("state"), model: context.output("model"), log: context.output("log") },
    session: { ...sessionOptions(context), forms: formsOf(context) },
    memoryMB: context.resources.memoryMB,
    onProgress: (done, epoch, figures) =>
      context.progress({
        done: from * images + done,
        total: params.epochs * images,
        unit: "images",
        values: { epoch, ...figures },
      }),
    onShort(short) {
      const text = shortText(context.resources.memoryMB!, short);
      if (!told.has(text)) context.log(text);
      told.add(text);
    },
    onEpoch({ epoch, train, validation, saved }) {
      const show = (value: number) => value.toFixed(4);
      const held = validation
        ? `, held out: loss ${show(validation.loss)}, accuracy ${show(validation.accuracy)}`
        : "";
      context.log(
        `epoch ${epoch}: loss ${show(train.loss)}, accuracy ${show(train.accuracy)}${held}${
          saved ? ", saved" : ""
        }`,
      );
    },
  });
}

/** How a training with too little memory works. */
function shortText(memoryMB: number, { room, whole, fitted }: ShortOfMemory): string {
  const mb = (bytes: number) => `${Math.ceil(bytes / 1e6)} MB`;
  const how = fitted < whole
    ? `values are computed again for the gradients, so a batch takes ${mb(fitted)} in place of ${mb(whole)}`
    : `a batch takes ${mb(whole)}, and none of its values can be computed again`;
  const missing = fitted > room
    ? `; ${mb(room)} are left for it, so the task takes more than it was assigned`
    : "";
  return `memory is short (${memoryMB} MiB assigned): ${how}${missing}`;
}

function formsOf({ inputs }: TaskContext): Forms | undefined {
  const [file] = inputs("forms");
  return file === undefined ? undefined : readForms(file);
}
