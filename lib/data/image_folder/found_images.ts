/** The images of a folder of classes: what counts as an image, what is ignored, and which folders are classes or parts. */

import { join } from "node:path";
import { DataSetError, type FaultCollector } from "../data_set_error.ts";
import { listFolder } from "../list_folder.ts";
import { isThere } from "../../system/is_there.ts";
import { type NamedPart, partsOf } from "./named_parts.ts";

/** An image of a folder of classes. */
export interface FoundImage {
  /** Its path below the root, in NFC: its name in the data set. */
  readonly name: string;
  /** The name of its class, in NFC. */
  readonly group: string;
  /** The part whose folder it lies in; absent where the root has folders of classes. */
  readonly part?: NamedPart;
}

/** What a folder of classes holds. */
export interface FoundImages {
  /** The folder of the classes or parts: mirrors and unpackers add levels of folders around it. */
  readonly root: string;
  /** Sorted by name. */
  readonly images: readonly FoundImage[];
  /** Paths of files that are no images, below the root. */
  readonly ignored: readonly string[];
  /** Names of folders of classes without an image. */
  readonly empty: readonly string[];
}

/** Files of these names are read, or refused with their names: none is left out in silence. */
const IMAGES = /\.(?:jpe?g|jpe|jfif|png|bmp|gif|webp|tiff?|hei[cf]|avif|p[bgpn]m|jp2|dng|cr2|nef|arw)$/i;

/** What systems and programs leave in folders, beside names that begin with a dot. */
const OF_SYSTEMS = new Set([
  "thumbs.db",
  "ehthumbs.db",
  "desktop.ini",
  "icon\r",
  "__macosx",
  "@eadir",
  "$recycle.bin",
  "system volume information",
  "lost+found",
]);

const isOurs = ({ name }: { readonly name: string }) =>
  !name.startsWith(".") && !OF_SYSTEMS.has(name.toLowerCase());

/**
 * Finds `<class>/…/<image>`, or `<part>/<class>/…/<image>` where all folders are named after parts and one of them is
 * `train`. A folder that holds nothing but one folder is entered. Names that begin with a dot, and files and folders of
 * systems such as Thumbs.db, are passed over.
 *
 * @param faults takes images outside of classes, links to folders, and names that some systems take for one
 * @throws {DataSetError} if there is no such folder, it can't be listed, or its folders are parts and classes at once.
 */
export function findImages(folder: string, faults: FaultCollector): FoundImages {
  const root = placeOf(folder);
  const folders = entriesOf(root).filter((entry) => entry.isDirectory).map(({ name }) => name);
  const parts = partsOf(root, folders);
  const walk: Walk = { root, faults, images: [], ignored: [] };
  const empty = new Set<string>();
  for (const [top, part] of parts ?? [["", undefined] as const]) {
    for (const { name, isDirectory, isSymlink } of entriesOf(join(root, top))) {
      const path = join(top, name);
      if (isDirectory) {
        const before = walk.images.length;
        walkFolder(walk, path, isSymlink, { group: name.normalize("NFC"), ...(part && { part }) });
        if (walk.images.length === before) empty.add(name.normalize("NFC"));
      } else if (IMAGES.test(name)) {
        const expected = `${top === "" ? "" : `${top}/`}<class>/${name}`;
        const reason = `the image lies in no folder of a class; expected ${expected}`;
        faults.add(new DataSetError(join(root, path), undefined, reason), path.normalize("NFC"));
      } else if (parts || !isSplitFile(name)) walk.ignored.push(path);
    }
  }
  const images = walk.images.sort((a, b) => a.name < b.name ? -1 : 1);
  for (const { group } of images) empty.delete(group);
  refuseAlike(root, images, faults);
  return { root, images, ignored: walk.ignored, empty: [...empty] };
}

/** The name of the file that says which part each image belongs to. */
export const SPLIT_FILE = "split.txt";
const isSplitFile = (name: string) => name === SPLIT_FILE;

interface Walk {
  readonly root: string;
  readonly faults: FaultCollector;
  readonly images: FoundImage[];
  readonly ignored: string[];
}

function walkFolder(walk: Walk, folder: string, isLink: boolean, place: Omit<FoundImage, "name">): void {
  if (isLink) {
    const reason = "it is a link to a folder: put the folder in its place";
    return walk.faults.add(new DataSetError(join(walk.root, folder), undefined, reason));
  }
  for (const { name, isDirectory, isSymlink } of entriesOf(join(walk.root, folder))) {
    const path = join(folder, name);
    if (isDirectory) walkFolder(walk, path, isSymlink, place);
    else if (IMAGES.test(name)) walk.images.push({ name: path.normalize("NFC"), ...place });
    else walk.ignored.push(path);
  }
}

/** The entries of a folder without those of systems. */
function entriesOf(folder: string) {
  const entries = listFolder(folder);
  if (entries) return entries.filter(isOurs);
  const reason = isThere(folder)
    ? "it is a file; expected a folder with one subfolder for each class: if it is an archive, unpack it"
    : "there is no such folder; expected a folder with one subfolder for each class";
  throw new DataSetError(folder, undefined, reason);
}

/** Enters folders that hold one folder and no image. */
function placeOf(folder: string): string {
  const entries = entriesOf(folder);
  const [only, ...others] = entries.filter(({ isDirectory }) => isDirectory);
  const isAlone = only !== undefined && others.length === 0 && !only.isSymlink;
  if (!isAlone || entries.some(({ name }) => IMAGES.test(name) || isSplitFile(name))) return folder;
  const inside = join(folder, only.name);
  // A folder of images alone is a class, although there is no other.
  return entriesOf(inside).some(({ isDirectory }) => isDirectory) ? placeOf(inside) : folder;
}

/** Names that differ only in case or in the form of Unicode are one file on some systems. */
function refuseAlike(root: string, images: readonly FoundImage[], faults: FaultCollector): void {
  const seen = new Map<string, string>();
  for (const { name } of images) {
    const folded = name.toLowerCase();
    const other = seen.get(folded);
    if (other !== undefined) {
      const reason = `some systems take its name for that of ${other}: rename one of them`;
      faults.add(new DataSetError(join(root, name), undefined, reason), name);
    }
    seen.set(folded, name);
  }
}
