/** The inputs of a report that several of its sections read. */

/** Required: a folder with the index of a data set. */
export const data = { about: "the data set; of each row if a study has several", many: true } as const;

/** Required: files written by `writeEvaluation`. */
export const evaluations = { about: "the evaluation of each run", many: true } as const;

/** A folder of views. */
export const trainViews = {
  about: "the views of the training set; prototypes are shown in them",
  many: true,
  optional: true,
} as const;

/** A folder of views. */
export const testViews = {
  about: "the views of the test set; test images are shown by them",
  many: true,
  optional: true,
} as const;

/** Files for `readPrototypes`. */
export const prototypes = {
  about: "the list of prototypes of each run",
  many: true,
  optional: true,
} as const;

/** Folders of saliency. */
export const prototypeSaliency = {
  about: "saliency of the prototypes in their own views, of each run",
  many: true,
  optional: true,
} as const;

/** Folders of saliency. */
export const saliency = {
  about: "saliency of the test images, of each run",
  many: true,
  optional: true,
} as const;
