/** The published parameters of a row as params of the kinds `warm-up`, `joint` and `fine-tune`. */
import { AUGMENTATION, columnOf, EVAL_EVERY_N_EPOCHS, PUBLISHED } from "./published_parameters.ts";
import type { StudyRow } from "./rows.ts";

const adam = ["backbone", "add_on_layers", "prototype_vectors"] as const;

/** Params of the kinds, by phase. */
export function rowParams({ model, column }: Pick<StudyRow, "model" | "column">) {
  const found = columnOf(PUBLISHED[model], column);
  const phase = {
    batchSize: found.batch_size,
    accumulateBatches: model === "protomask" ? columnOf(PUBLISHED.protomask, column).accumulate_batches : 1,
    augmentation: AUGMENTATION[model],
    validateEvery: EVAL_EVERY_N_EPOCHS[model],
  };
  const models = modelParams(model, column);
  const gamma = found["joint_scheduler.gamma"];
  const stepSize = found["joint_scheduler.step_size"];
  return {
    warmUp: {
      ...phase,
      epochs: found.warmup_epochs,
      learningRate: found.warm_optimizer_lr,
      model: models.warmUp,
    },
    joint: { ...phase, epochs: found.joint_epochs, schedule: { stepSize, gamma }, model: models.joint },
    /** Undefined if the model has no such phase; the result of the joint phase is evaluated then. */
    fineTune: found.fine_tune_epochs === 0 ? undefined : {
      ...phase,
      epochs: found.fine_tune_epochs,
      learningRate: found.fine_tune_optimizer_lr,
      model: models.fineTune,
    },
  };
}

/** The param `model` of each phase. */
function modelParams(model: StudyRow["model"], column: string) {
  switch (model) {
    case "protomask": {
      const found = columnOf(PUBLISHED.protomask, column);
      const named = {
        name: "protomask",
        coefs: under(found, "coefs", ["crs_ent", "clst", "sep", "div", "l1"]),
      } as const;
      const sizes = { prototypesPerClass: found.prototypes_per_class, depth: found.prototype_channel_num };
      return phases(named, sizes, under(found, "joint_optimizer_lr", ["backbone", "prototype_vectors"]));
    }
    case "protopnet": {
      const found = columnOf(PUBLISHED.protopnet, column);
      const named = {
        name: "protopnet",
        coefs: under(found, "coefs", ["crs_ent", "clst", "sep", "l1"]),
      } as const;
      const sizes = { prototypesPerClass: found.prototypes_per_class, depth: found["prototype_shape.0"] };
      return phases(named, sizes, under(found, "joint_optimizer_lr", adam));
    }
    case "protopool": {
      const found = columnOf(PUBLISHED.protopool, column);
      const terms = [
        "crs_ent",
        "clst",
        "sep",
        "orth",
        "l1",
        "tau_start",
        "tau_end",
        "decreasing_interval",
      ] as const;
      const named = { name: "protopool", coefs: under(found, "coefs", terms) } as const;
      const sizes = {
        prototypes: found.num_prototypes,
        slots: found.descriptives,
        depth: found["prototype_shape.0"],
      };
      return phases(named, sizes, under(found, "joint_optimizer_lr", adam));
    }
    case "pipnet": {
      const found = columnOf(PUBLISHED.pipnet, column);
      const coefs = {
        ...under(found, "coefs", ["align", "tanh", "uniform", "classification"]),
        alignment_epochs: found.warmup_epochs,
      };
      const groups = ["backbone", "prototype_layers", "last_layer"] as const;
      return phases({ name: "pipnet", coefs } as const, {}, under(found, "joint_optimizer_lr", groups));
    }
  }
}

function phases<Named, Sizes, Rates>(named: Named, sizes: Sizes, learningRates: Rates) {
  return { warmUp: { ...named, ...sizes }, joint: { ...named, learningRates }, fineTune: named };
}

/** The values of `<prefix>.<name>`, by name. */
function under<Prefix extends string, Name extends string>(
  values: Readonly<Record<`${Prefix}.${Name}`, number>>,
  prefix: Prefix,
  names: readonly Name[],
): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, values[`${prefix}.${name}`]])) as Record<Name, number>;
}
