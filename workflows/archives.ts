/**
 * The published archives of the data sets as params of the kind `download`. Stanford's pages of the cars have been gone
 * since 2023: further addresses are tried after them, and digests say whether a file is the same.
 */

/** The params by data set and by input of the kind `dataset`. */
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
    train: {
      urls: [
        "https://ai.stanford.edu/~jkrause/car196/cars_train.tgz",
        "http://imagenet.stanford.edu/internal/car196/cars_train.tgz",
        "https://web.archive.org/web/2022id_/http://ai.stanford.edu/~jkrause/car196/cars_train.tgz",
      ],
      sha256: "512b227b30e2f0a8aab9e09485786ab4479582073a144998da74d64b801fd288",
      md5: "065e5b463ae28d29e77c1b4b166cfe61",
      size: 979_269_282,
      extract: "tar.gz",
    },
    test: {
      urls: [
        "https://ai.stanford.edu/~jkrause/car196/cars_test.tgz",
        "http://imagenet.stanford.edu/internal/car196/cars_test.tgz",
        "https://web.archive.org/web/2022id_/http://ai.stanford.edu/~jkrause/car196/cars_test.tgz",
      ],
      sha256: "bffea656d6f425cba3c91c6d83336e4c5f86c6cffd8975b0f375d3a10da8e243",
      md5: "4ce7ebf6a94d07f1952d94dd34c4d501",
      size: 977_350_468,
      extract: "tar.gz",
    },
    devkit: {
      urls: [
        "https://ai.stanford.edu/~jkrause/cars/car_devkit.tgz",
        "https://github.com/pytorch/vision/files/11644847/car_devkit.tgz",
        "https://web.archive.org/web/2022id_/https://ai.stanford.edu/~jkrause/cars/car_devkit.tgz",
      ],
      sha256: "b97deb463af7d58b6bfaa18b2a4de9829f0f79e8ce663dfa9261bf7810e9accd",
      md5: "c3b158d763b6e2245038c8ad08e45376",
      size: 330_960,
      extract: "tar.gz",
    },
    labels: {
      urls: [
        "https://ai.stanford.edu/~jkrause/car196/cars_test_annos_withlabels.mat",
        "http://imagenet.stanford.edu/internal/car196/cars_test_annos_withlabels.mat",
        "https://web.archive.org/web/2022id_/http://ai.stanford.edu/~jkrause/car196/cars_test_annos_withlabels.mat",
      ],
      sha256: "790f75be8ea34eeded134cc559332baf23e30e91367e9ddca97d26ed9b895f05",
      md5: "b0a2b23655a3edd16d84508592a98d10",
      size: 185_758,
    },
  },
} as const;
