/** What the kind `dataset` needs: the counts of the published archives, or of the birds that are drawn. */
import { z } from "zod";
import { DEFAULT_BIRDS } from "../../lib/data/birds/bird_spec.ts";
import { defineDemand, type Sizes } from "../../lib/flow/demand.ts";
import { type DataSizes, estimated, type FileSizes, memoryMB } from "./sizes.ts";

/** Images, classes and the mean size of an image, as published. */
const PUBLISHED: Readonly<Record<string, DataSizes>> = {
  cub200: { train: 5994, test: 5794, classes: 200, width: 468, height: 386 },
  dogs: { train: 12000, test: 8580, classes: 120, width: 443, height: 386 },
  cars196: { train: 8144, test: 8041, classes: 196, width: 700, height: 483 },
};

/** Decoding an image to check it, in so many threads, or drawing one, by its pixels. */
const SECONDS_A_PIXEL = 3e-8;
const DECODING_THREADS = 8;
const SECONDS_A_DRAWN_PIXEL = 2.5e-7;
/** To load the codec of images. */
const CODEC_SECONDS = 0.1;
const BYTES_A_DRAWN_PIXEL = 1.2;

interface Params {
  readonly name: string;
  readonly birds?: Partial<typeof DEFAULT_BIRDS>;
  readonly classes?: number;
  readonly limit?: number;
}

/** The demand of the kind `dataset`. */
export default defineDemand<Params>({
  estimate({ name, birds, classes, limit }, inputs) {
    const files = Object.values(inputs).flat();
    // A folder of the user may have any number of images.
    if (name === "image-folder" || name !== "birds" && files.some((file) => bytesIn(file) === undefined)) {
      return undefined;
    }
    const all = name === "birds" ? drawn({ ...DEFAULT_BIRDS, ...birds }) : PUBLISHED[name];
    const kept = Math.min(classes ?? all.classes, all.classes);
    const split = (images: number) => Math.round(Math.min(images / all.classes, limit ?? Infinity) * kept);
    const sizes = { ...all, train: split(all.train), test: split(all.test), classes: kept };
    const images = sizes.train + sizes.test;
    const pixels = images * all.width * all.height;
    const given = files.reduce((sum, file) => sum + (bytesIn(file) ?? 0), 0);
    const work = name === "birds" ? { seconds: CODEC_SECONDS + pixels * SECONDS_A_DRAWN_PIXEL } : {
      seconds: CODEC_SECONDS,
      inThreads: {
        seconds: (all.train + all.test) * all.width * all.height * SECONDS_A_PIXEL,
        threads: DECODING_THREADS,
      },
    };
    const bytes = name === "birds"
      ? 2 * pixels * BYTES_A_DRAWN_PIXEL
      : given * images / (all.train + all.test);
    return estimated({ images, ...work, bytes: Math.round(bytes), memoryMB: memoryMB(0, images) }, sizes);
  },
});

function drawn({ classes, trainPerClass, testPerClass, size }: typeof DEFAULT_BIRDS): DataSizes {
  return {
    train: classes * trainPerClass,
    test: classes * testPerClass,
    classes,
    width: size,
    height: size,
    drawn: true,
  };
}

const fileSizes = z.object({ bytes: z.number() });

function bytesIn(sizes: Sizes): number | undefined {
  return fileSizes.safeParse(sizes).data?.bytes satisfies FileSizes["bytes"] | undefined;
}
