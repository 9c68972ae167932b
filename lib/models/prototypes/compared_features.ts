/** How a model's prototypes are compared with an image: the layers between the backbone's features and the similarity. */

/** The path from features to similarities, as far as explanations follow it back. */
export type ComparedFeatures =
  | MeanVector
  | PositionVectors
  | Channels;

/** One vector per view: 1×1 convolution, mean over positions, sigmoid. */
export interface MeanVector {
  readonly kind: "mean_vector";
  /** The name of the convolution in the state. */
  readonly layer: string;
}

/** One vector per position: 1×1 convolutions, with ReLUs between them and a sigmoid after the last. */
export interface PositionVectors {
  readonly kind: "position_vectors";
  /** The names of the convolutions in the state. */
  readonly layers: readonly string[];
}

/** The features themselves: every channel is a prototype. */
export interface Channels {
  readonly kind: "channels";
}
