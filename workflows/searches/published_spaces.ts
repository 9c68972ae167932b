/**
 * The published searches of the study: for each model, and for each segmentation method, the distributions of the
 * parameters, by their published names, and the median rule. What is not searched has its value of the published parameters.
 */

const RATE = { type: "float", low: 1e-5, high: 3e-3, log: true } as const;

const STEP_SIZE = { type: "int", low: 15, high: 35, step: 5 } as const;

/** By model; a list of numbers with equal steps is a range of integers. */
export const MODEL_SPACES = {
  protomask: {
    warmup_epochs: { type: "int", low: 0, high: 10, step: 5 },
    warm_optimizer_lr: RATE,
    "joint_scheduler.step_size": STEP_SIZE,
    "joint_optimizer_lr.backbone": { ...RATE, high: 1e-4 },
    "joint_optimizer_lr.prototype_vectors": { ...RATE, low: 1e-3, high: 5e-3 },
    fine_tune_optimizer_lr: RATE,
  },
  protopnet: {
    warmup_epochs: { type: "int", low: 5, high: 10, step: 5 },
    warm_optimizer_lr: RATE,
    "joint_scheduler.step_size": STEP_SIZE,
    "joint_optimizer_lr.backbone": RATE,
    "joint_optimizer_lr.add_on_layers": RATE,
    "joint_optimizer_lr.prototype_vectors": RATE,
    fine_tune_optimizer_lr: RATE,
  },
  protopool: {
    warmup_epochs: { type: "int", low: 10, high: 30, step: 5 },
    warm_optimizer_lr: RATE,
    "joint_scheduler.step_size": STEP_SIZE,
    "joint_optimizer_lr.backbone": RATE,
    "joint_optimizer_lr.add_on_layers": RATE,
    "joint_optimizer_lr.prototype_vectors": RATE,
    fine_tune_optimizer_lr: RATE,
    "coefs.decreasing_interval": { type: "int", low: 10, high: 60, step: 10 },
  },
  pipnet: {
    warmup_epochs: { type: "int", low: 5, high: 10, step: 5 },
    warm_optimizer_lr: RATE,
    "joint_scheduler.step_size": STEP_SIZE,
    "joint_optimizer_lr.backbone": RATE,
    "joint_optimizer_lr.prototype_layers": RATE,
    "joint_optimizer_lr.last_layer": { ...RATE, low: 1e-3, high: 1e-1 },
  },
} as const;

/** By model: five trials are complete before the rule applies, as is the default of Optuna's median pruner. */
export const PRUNERS = {
  protomask: { startupTrials: 5, warmupSteps: 20, intervalSteps: 10 },
  protopnet: { startupTrials: 5, warmupSteps: 20, intervalSteps: 10 },
  protopool: { startupTrials: 5, warmupSteps: 40, intervalSteps: 10 },
  pipnet: { startupTrials: 5, warmupSteps: 20, intervalSteps: 10 },
} as const;

/** Trials of a model on a data set, and of a segmentation method. */
export const TRIALS = { model: 50, segmentation: 25 } as const;

/** The seed that all trials of a search train with, which is also that of the sampler: ProtoMask's, and that of the others. */
export const SEARCH_SEED = { protomask: 4861, others: 42 } as const;

/** By segmentation method. */
export const SEGMENTATION_SPACES = {
  sam2: {
    points_per_side: { type: "categorical", choices: [16, 32, 64, 128] },
    crop_n_layers: { type: "categorical", choices: [0, 1, 2] },
    crop_n_points_downscale_factor: { type: "categorical", choices: [1, 2, 4] },
  },
  slit: {
    threshold: { type: "float", low: 1e-3, high: 1e-1, log: true },
  },
} as const;
