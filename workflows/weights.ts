/** The published weights that the study starts from, as params of the kind `download`. */
import lock from "./archives.lock.json" with { type: "json" };

const pins: Record<string, { sha256: string; size: number } | undefined> = lock;

/** The params by method and by input of the kind `segment`. */
export const maskModels = {
  /** SAM 2.1 B+. */
  sam2: {
    weights: {
      urls: ["https://dl.fbaipublicfiles.com/segment_anything_2/092824/sam2.1_hiera_base_plus.pt"],
      sha256: "a2345aede8715ab1d5d31b4a509fb160c5a4af1970f199d9054ccfb746c004c5",
      size: 323_606_802,
    },
  },
  /** DirectSAM. */
  slit: {
    weights: directSam("model.safetensors"),
    configuration: directSam("config.json"),
    processor: directSam("preprocessor_config.json"),
  },
} as const;

/** torchvision's ResNet-50 for ImageNet, version 1 of its weights. */
export const resNet50 = {
  urls: ["https://download.pytorch.org/models/resnet50-19c8e357.pth"],
  sha256: "19c8e3572231adff6824a2da93fd67b5986919a2e65f8b6007eab4edee220097",
  size: 102_502_400,
} as const;

/**
 * A file without a published digest. It is pinned by the lock file or, if it is not listed there, by the
 * first download.
 */
function directSam(file: string) {
  const url = `https://huggingface.co/chendelong/DirectSAM-1800px-0424/resolve/main/${file}`;
  return { urls: [url], ...(pins[url] ?? { firstUse: true }) };
}
