/** The published weights that the study starts from, as params of the kind `download`. */
import lock from "./archives.lock.json" with { type: "json" };

const pins: Record<string, { sha256: string; size: number } | undefined> = lock;

/** SAM 2.1 B+. */
export const sam2 = {
  urls: ["https://dl.fbaipublicfiles.com/segment_anything_2/092824/sam2.1_hiera_base_plus.pt"],
  sha256: "a2345aede8715ab1d5d31b4a509fb160c5a4af1970f199d9054ccfb746c004c5",
  size: 323_606_802,
} as const;

/** DirectSAM, the network of SLIT. */
export const directSam = pinned(
  "https://huggingface.co/chendelong/DirectSAM-1800px-0424/resolve/main/model.safetensors",
);

/** The first generation of torchvision's ResNet-50 on ImageNet. */
export const resNet50 = pinned("https://download.pytorch.org/models/resnet50-19c8e357.pth");

/** A file that publishes no digest; without a pin in the lock file, `download` asks for one. */
function pinned(url: string) {
  return { urls: [url], ...pins[url] };
}
