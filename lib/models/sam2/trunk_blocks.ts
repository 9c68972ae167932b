/** The settings of each block of the Hiera trunk, derived from its configuration. */

import type { Sam2Configuration } from "./configurations.ts";

export interface TrunkBlock {
  /** The name prefix in the state dictionary: `image_encoder.trunk.blocks.3`. */
  readonly name: string;
  readonly channelsIn: number;
  readonly channels: number;
  readonly heads: number;
  /** The side of the attention windows in tokens; 0 for attention to the whole map. */
  readonly window: number;
  /** Whether queries and shortcut are pooled 2 × 2. */
  readonly pooled: boolean;
  /** The stage whose last block this is; undefined for other blocks. */
  readonly lastOfStage: number | undefined;
}

/** The blocks in order. The first block of a stage has the window of the previous stage. */
export function trunkBlocks(configuration: Sam2Configuration): TrunkBlock[] {
  const { stages, globalBlocks, windows, pooledStages } = configuration;
  let { channels, heads } = configuration;
  const blocks: TrunkBlock[] = [];
  stages.forEach((count, stage) => {
    for (let i = 0; i < count; i++) {
      const index = blocks.length;
      const opens = i === 0 && stage > 0;
      const channelsIn = channels;
      if (opens) {
        channels *= 2;
        heads *= 2;
      }
      blocks.push({
        name: `image_encoder.trunk.blocks.${index}`,
        channelsIn,
        channels,
        heads,
        window: globalBlocks.includes(index) ? 0 : windows[opens ? stage - 1 : stage],
        pooled: opens && stage <= pooledStages,
        lastOfStage: i === count - 1 ? stage : undefined,
      });
    }
  });
  return blocks;
}

/** The number of channels after each stage, first to last. */
export function stageChannels(configuration: Sam2Configuration): number[] {
  return configuration.stages.map((_, stage) => configuration.channels * 2 ** stage);
}
