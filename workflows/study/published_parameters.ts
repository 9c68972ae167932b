/**
 * The published parameters of the study: a table for each model, a column for each data set and input. The names
 * and values are those of the published parameter files (`models/<model>/best_params.py`). ProtoMask sees the
 * views through the masks of SAM 2 or SLIT; the other models see the object's crop, or without crop (`nc`) the
 * whole image. Prototypes are vectors, so only the first size of their shape is given.
 */

/** The seeds of the published ProtoMask runs, which all rows use here; those of the others are not published. */
export const SEEDS = [4871, 7579, 9307, 1653] as const;

/** The augmentation of training images, or of each view, and PIP-Net's of each of its two views. */
export const AUGMENTATION = {
  protomask: [["protomask", "medium"], ["photometric", "medium"]],
  protopnet: [["geometric", "medium"], ["photometric", "medium"]],
  protopool: [["geometric", "medium"], ["photometric", "medium"]],
  pipnet: [["geometric", "medium"], ["pipnet", "large"]],
} as const;

/** Epochs from one validation to the next. */
export const EVAL_EVERY_N_EPOCHS = { protomask: 10, protopnet: 1, protopool: 1, pipnet: 1 } as const;

/** ProtoMask, by data set and masks; `num_masks` is the number of views of an image. */
// deno-fmt-ignore
export const PROTOMASK = {
  columns:                                ["cub200-sam2", "cub200-slit",   "dogs-sam2",   "dogs-slit",   "cars-sam2",   "cars-slit"],
  batch_size:                             [           16,            16,            16,            16,            16,            16],
  num_masks:                              [           11,             8,            13,            10,            16,            11],
  warm_optimizer_lr:                      [         1e-3,          1e-3,          1e-3,          1e-3,          1e-3,          1e-3],
  "joint_optimizer_lr.backbone":          [         6e-5,        9.4e-5,          1e-5,        2.9e-5,          6e-5,        7.3e-5],
  "joint_optimizer_lr.prototype_vectors": [         3e-3,        2.7e-3,          3e-3,          3e-3,          2e-3,        3.5e-3],
  fine_tune_optimizer_lr:                 [         3e-4,          3e-4,          3e-4,          3e-4,          3e-4,          3e-4],
  "joint_scheduler.gamma":                [          0.5,           0.5,           0.5,           0.5,           0.5,           0.5],
  "joint_scheduler.step_size":            [           35,            35,            30,            30,            35,            35],
  joint_epochs:                           [          100,           100,           100,           100,           100,           100],
  warmup_epochs:                          [            0,             0,             0,             0,             0,             0],
  fine_tune_epochs:                       [           10,            10,            10,            10,            10,            10],
  "coefs.crs_ent":                        [            1,             1,             1,             1,             1,             1],
  "coefs.clst":                           [          0.8,           0.8,           0.8,           0.8,           0.8,           0.8],
  "coefs.sep":                            [          0.2,           0.2,           0.2,           0.2,           0.2,           0.2],
  "coefs.div":                            [          0.2,           0.2,           0.2,           0.2,           0.2,           0.2],
  "coefs.l1":                             [         1e-3,          1e-3,          1e-3,          1e-3,          1e-3,          1e-3],
  prototypes_per_class:                   [           10,            10,            10,            10,            10,            10],
  prototype_channel_num:                  [         1280,          1280,          1280,          1280,          1280,          1280],
  accumulate_batches:                     [            4,             4,             4,             4,             4,             4],
  crop_input:                             [         true,          true,          true,          true,          true,          true],
  segmentation_method:                    [       "sam2",        "slit",        "sam2",        "slit",        "sam2",        "slit"],
  fill_background_method:                 [   "original",    "original",    "original",    "original",    "original",    "original"],
  min_bbox_size:                          [          0.0,           0.0,           0.0,           0.0,           0.0,           0.0],
} as const;

/** ProtoPNet, by data set, with and without crop. */
// deno-fmt-ignore
export const PROTOPNET = {
  columns:                                [  "cub200", "cub200-nc",     "dogs",  "dogs-nc",     "cars",  "cars-nc"],
  batch_size:                             [        64,         64,         64,         64,         64,         64],
  warm_optimizer_lr:                      [    2.7e-5,     2.8e-5,       5e-5,     1.2e-5,     2.5e-5,     3.7e-5],
  "joint_optimizer_lr.backbone":          [    4.7e-5,     3.2e-5,       5e-5,     3.1e-5,       1e-4,     4.4e-5],
  "joint_optimizer_lr.add_on_layers":     [    4.9e-5,       1e-4,       5e-5,       2e-4,     4.7e-4,     2.4e-5],
  "joint_optimizer_lr.prototype_vectors": [    2.3e-3,     2.3e-3,       3e-3,       1e-3,     2.9e-3,     2.3e-3],
  fine_tune_optimizer_lr:                 [      1e-4,       2e-3,       3e-4,       9e-4,       2e-4,     7.7e-5],
  "joint_scheduler.gamma":                [       0.5,        0.5,        0.5,        0.5,        0.5,        0.5],
  "joint_scheduler.step_size":            [        35,         30,         35,         30,         30,         30],
  joint_epochs:                           [       100,        100,        100,        100,        100,        100],
  warmup_epochs:                          [         5,         10,          5,          5,         10,         10],
  fine_tune_epochs:                       [        10,         10,         10,         10,         10,         10],
  "coefs.crs_ent":                        [         1,          1,          1,          1,          1,          1],
  "coefs.clst":                           [       0.8,        0.8,        0.8,        0.8,        0.8,        0.8],
  "coefs.sep":                            [      0.08,       0.08,       0.08,       0.08,       0.08,       0.08],
  "coefs.l1":                             [      1e-3,       1e-3,       1e-3,       1e-3,       1e-3,       1e-3],
  prototypes_per_class:                   [        10,         10,         10,         10,         10,         10],
  "prototype_shape.0":                    [       128,        128,        128,        128,        128,        128],
} as const;

/** ProtoPool, by data set, with and without crop. */
// deno-fmt-ignore
export const PROTOPOOL = {
  columns:                                [  "cub200", "cub200-nc",     "dogs",  "dogs-nc",     "cars",  "cars-nc"],
  batch_size:                             [        64,         64,         64,         64,         64,         64],
  warm_optimizer_lr:                      [      2e-3,       1e-3,       1e-3,     1.3e-3,       1e-3,       2e-3],
  "joint_optimizer_lr.backbone":          [    7.9e-5,     7.8e-5,       5e-5,     6.3e-5,     1.8e-4,     1.5e-4],
  "joint_optimizer_lr.add_on_layers":     [    1.3e-4,       2e-4,       4e-4,     2.7e-4,       8e-4,       1e-4],
  "joint_optimizer_lr.prototype_vectors": [      9e-4,       3e-3,       1e-3,     4.4e-5,     4.5e-4,     1.8e-5],
  fine_tune_optimizer_lr:                 [      5e-4,     2.2e-5,       3e-4,     1.8e-5,     1.7e-4,     1.4e-4],
  "joint_scheduler.gamma":                [       0.5,        0.5,        0.5,        0.5,        0.5,        0.5],
  "joint_scheduler.step_size":            [        20,         35,         35,         30,         35,         30],
  "coefs.crs_ent":                        [         1,          1,          1,          1,          1,          1],
  "coefs.clst":                           [       0.8,        0.8,        0.8,        0.8,        0.8,        0.8],
  "coefs.sep":                            [      0.08,       0.08,       0.08,       0.08,       0.08,       0.08],
  "coefs.orth":                           [       1.0,        1.0,        1.0,        1.0,        1.0,        1.0],
  "coefs.l1":                             [      1e-3,       1e-3,       1e-3,       1e-3,       1e-3,       1e-3],
  "coefs.tau_start":                      [       1.0,        1.0,        1.0,        1.0,        1.0,        1.0],
  "coefs.tau_end":                        [      1e-3,       1e-3,       1e-3,       1e-3,       1e-3,       1e-3],
  "coefs.decreasing_interval":            [        50,         20,         50,         30,         50,         30],
  joint_epochs:                           [       100,        100,        100,        100,        100,        100],
  warmup_epochs:                          [        25,         25,         25,         20,         30,         30],
  fine_tune_epochs:                       [        10,         10,         10,         10,         10,         10],
  num_prototypes:                         [       205,        205,        125,        125,        201,        201],
  descriptives:                           [        10,         10,         10,         10,         10,         10],
  "prototype_shape.0":                    [       128,        128,        128,        128,        128,        128],
} as const;

/** PIP-Net, by data set, with and without crop. */
// deno-fmt-ignore
export const PIPNET = {
  columns:                               [  "cub200", "cub200-nc",     "dogs",  "dogs-nc",     "cars",  "cars-nc"],
  batch_size:                            [        64,         64,         64,         64,         64,         64],
  warm_optimizer_lr:                     [      1e-5,     1.2e-5,       1e-5,     1.7e-5,       2e-5,       1e-5],
  "joint_optimizer_lr.backbone":         [      3e-5,     5.6e-5,       5e-5,     2.8e-5,       9e-5,       1e-4],
  "joint_optimizer_lr.prototype_layers": [      2e-4,     8.4e-4,       2e-3,       4e-4,       2e-4,       6e-4],
  "joint_optimizer_lr.last_layer":       [      0.05,      0.023,       0.07,      0.032,      0.065,       0.08],
  fine_tune_optimizer_lr:                [      0.01,       0.01,       0.01,       0.01,       0.01,       0.01],
  "joint_scheduler.gamma":               [       0.5,        0.5,        0.5,        0.5,        0.5,        0.5],
  "joint_scheduler.step_size":           [        35,         35,         30,         30,         30,         35],
  "coefs.align":                         [       5.0,        5.0,        5.0,        5.0,        5.0,        5.0],
  "coefs.tanh":                          [       2.0,        2.0,        2.0,        2.0,        2.0,        2.0],
  "coefs.uniform":                       [       0.0,        0.0,        0.0,        0.0,        0.0,        0.0],
  "coefs.classification":                [       2.0,        2.0,        2.0,        2.0,        2.0,        2.0],
  joint_epochs:                          [       100,        100,        100,        100,        100,        100],
  warmup_epochs:                         [         5,          5,          5,          5,         10,         10],
  fine_tune_epochs:                      [         0,          0,          0,          0,          0,          0],
} as const;

/** The tables by model. */
export const PUBLISHED = {
  protomask: PROTOMASK,
  protopnet: PROTOPNET,
  protopool: PROTOPOOL,
  pipnet: PIPNET,
} as const;

/** The values of one column of a table, by their names. */
export type Column<Table> = {
  readonly [Key in Exclude<keyof Table, "columns">]: Table[Key] extends readonly (infer Value)[] ? Value
    : never;
};

/** @throws {RangeError} if the table has no column of that name. */
export function columnOf<Table extends { readonly columns: readonly string[] }>(
  table: Table,
  name: string,
): Column<Table> {
  const place = table.columns.indexOf(name);
  if (place < 0) throw new RangeError(`no column ${name}; known: ${table.columns.join(", ")}`);
  const entries = Object.entries(table as Readonly<Record<string, readonly unknown[]>>);
  return Object.fromEntries(
    entries.filter(([key]) => key !== "columns").map(([key, values]) => [key, values[place]]),
  ) as Column<Table>;
}
