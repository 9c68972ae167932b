/** The machine for which a model is written. */

/**
 * Properties of the machine for which a model is written. An empty target gives a model that runs on any
 * machine.
 */
export interface Target {
  /** Channels per block in the blocked layout of onnxruntime's CPU kernels, if they have this layout. */
  readonly channelBlock?: number;
  /**
   * The form of a step by its key (`formKey` in onnx/program_writer.ts). Steps without an entry use their operation's
   * first form.
   */
  readonly forms?: Readonly<Record<string, string>>;
}
