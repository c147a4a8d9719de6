/**
 * The head of a file that `virsh save` writes (libvirt's src/qemu/qemu_saveimage.c): a magic, five numbers of 32 bits (version, length of what
 * follows the head, whether it ran, compression, offset of the cookie in it), padding up to byte 92, then the domain's description and
 * libvirt's cookie, each ended by a zero byte, and more zeros. The machine's memory follows.
 */
export interface SavedHead {
  /** The domain's description. */
  readonly xml: string;
  /** libvirt's own notes; empty where there are none. */
  readonly cookie: string;
  /** Where the memory begins. */
  readonly dataOffset: number;
}

const magic = "LibvirtQemudSave";
const fixedLength = 92;
const rawMemory = 0;
const version = 2;

/** How much of a file's beginning {@link readHead} needs at most. */
export const headLimit = 1024 * 1024;

/** @throws where it is not the beginning of a whole saved file of the version known here */
export function readHead(bytes: Buffer): SavedHead {
  if (bytes.length < fixedLength || bytes.toString("latin1", 0, magic.length) !== magic) {
    throw new Error("it is not a machine saved by libvirt, or the saving was cut short");
  }
  const field = (index: number) => bytes.readUInt32LE(magic.length + 4 * index);
  if (field(0) !== version) throw new Error(`libvirt saved it in version ${field(0)}; ${version} is known`);
  if (field(3) !== rawMemory) {
    throw new Error(
      'libvirt compressed it; set save_image_format = "raw" in its qemu.conf, as memory can\'t be shared else',
    );
  }
  const [length, cookieOffset] = [field(1), field(4)];
  const dataOffset = fixedLength + length;
  if (dataOffset > bytes.length) throw new Error("its head is cut short");
  const text = (start: number) => {
    const end = bytes.indexOf(0, fixedLength + start);
    return bytes.toString("utf8", fixedLength + start, end < 0 || end > dataOffset ? dataOffset : end);
  };
  return { xml: text(0), cookie: cookieOffset === 0 ? "" : text(cookieOffset), dataOffset };
}

/**
 * The same head with another description, exactly as long as `head`, so that it can be written over it.
 * @throws where the description is too long
 */
export function withXml(head: Buffer, xml: string): Buffer {
  const { cookie, dataOffset } = readHead(head);
  const parts = [Buffer.from(`${xml}\0`)];
  const cookieOffset = cookie === "" ? 0 : parts[0]!.length;
  if (cookie !== "") parts.push(Buffer.from(`${cookie}\0`));
  const content = Buffer.concat(parts);
  if (content.length > dataOffset - fixedLength) {
    throw new Error(
      `the machine's description is ${content.length - (dataOffset - fixedLength)} bytes too long for the saved file's head`,
    );
  }
  const result = Buffer.alloc(dataOffset);
  head.copy(result, 0, 0, fixedLength);
  result.writeUInt32LE(cookieOffset, magic.length + 4 * 4);
  content.copy(result, fixedLength);
  return result;
}
