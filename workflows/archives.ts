/**
 * The published archives of the data sets as params of the kind `download`. Where no digest is published with the size,
 * it is in `archives.lock.json`, which `deno task pin-download workflows/archives.lock.json URL [MD5]` writes.
 */
import lock from "./archives.lock.json" with { type: "json" };

const pins: Record<string, { sha256: string; size: number } | undefined> = lock;

/** By data set and input of the kind `dataset`. */
export const archives = {
  cub200: {
    images: {
      urls: ["https://data.caltech.edu/records/65de6-vp158/files/CUB_200_2011.tgz"],
      md5: "97eceeb196236b17998738112f37df78",
      size: 1_150_585_339,
      extract: "tar.gz",
    },
    segmentations: {
      urls: ["https://data.caltech.edu/records/w9d68-gec53/files/segmentations.tgz"],
      md5: "4d47ba1228eae64f2fa547c47bc65255",
      size: 39_272_883,
      extract: "tar.gz",
    },
  },
  dogs: {
    images: {
      urls: ["http://vision.stanford.edu/aditya86/ImageNetDogs/images.tar"],
      md5: "1bb1f2a596ae7057f99d7d75860002ef",
      size: 793_579_520,
      extract: "tar",
    },
    annotations: {
      urls: ["http://vision.stanford.edu/aditya86/ImageNetDogs/annotation.tar"],
      md5: "4298cc0031f6bc6e74612ac83b5988e2",
      size: 21_852_160,
      extract: "tar",
    },
    lists: {
      urls: ["http://vision.stanford.edu/aditya86/ImageNetDogs/lists.tar"],
      md5: "edbb9f16854ec66506b5f09b583e0656",
      size: 481_280,
      extract: "tar",
    },
  },
  cars196: {
    train: cars("car196/cars_train.tgz", "065e5b463ae28d29e77c1b4b166cfe61", "tar.gz"),
    test: cars("car196/cars_test.tgz", "4ce7ebf6a94d07f1952d94dd34c4d501", "tar.gz"),
    devkit: cars("cars/car_devkit.tgz", "c3b158d763b6e2245038c8ad08e45376", "tar.gz"),
    labels: cars("car196/cars_test_annos_withlabels.mat", "b0a2b23655a3edd16d84508592a98d10"),
  },
} as const;

/** An archive of the cars. Its MD5 is published, but not its size; without a pin, `download` asks for one. */
function cars(path: string, md5: string, extract?: "tar.gz") {
  const url = `https://ai.stanford.edu/~jkrause/${path}`;
  return { urls: [url], md5, ...pins[url], ...(extract && { extract }) };
}
