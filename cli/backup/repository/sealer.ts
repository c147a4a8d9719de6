import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  randomBytes,
  scrypt as scryptCallback,
} from "node:crypto";
import { promisify } from "node:util";
import { constants, zstdCompress, zstdDecompress } from "node:zlib";

const scrypt = promisify<string, Buffer, number, object, Buffer>(scryptCallback);
const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
/** 128 MiB and some 0.3 s a guess, as RFC 7914 has it for keys to files. */
const cost = { N: 2 ** 17, r: 8, p: 1, maxmem: 256 * 2 ** 20 };
/** Level 3: the levels above take several times as long for a few per cent. */
const compression = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };

/** How a repository's key is kept: encrypted with one that is made from the passphrase. Binary values in base64. */
export interface KeyBox {
  readonly kdf: "scrypt";
  readonly N: number;
  readonly r: number;
  readonly p: number;
  readonly salt: string;
  readonly box: string;
}

/** Compresses, names and, with a key, encrypts what a repository keeps; and the other way round, checked. */
export class Sealer {
  readonly #encryption: Buffer | undefined;
  readonly #naming: Buffer | undefined;

  private constructor(key?: Buffer) {
    this.#encryption = key && derive(key, "encryption");
    this.#naming = key && derive(key, "naming");
  }

  /** Compresses only. */
  static plain(): Sealer {
    return new Sealer();
  }

  /** A new key, and the box that it is kept in. */
  static async lock(passphrase: string): Promise<{ sealer: Sealer; box: KeyBox }> {
    const key = randomBytes(keyBytes);
    const salt = randomBytes(16);
    const wrapping = await scrypt(passphrase.normalize("NFKC"), salt, keyBytes, cost);
    const box = encrypt(wrapping, key, "key").toString("base64");
    const { N, r, p } = cost;
    return { sealer: new Sealer(key), box: { kdf: "scrypt", N, r, p, salt: salt.toString("base64"), box } };
  }

  /** @throws where the passphrase is another one */
  static async unlock(box: KeyBox, passphrase: string): Promise<Sealer> {
    const options = { N: box.N, r: box.r, p: box.p, maxmem: 4 * 128 * box.N * box.r };
    const salt = Buffer.from(box.salt, "base64");
    const wrapping = await scrypt(passphrase.normalize("NFKC"), salt, keyBytes, options);
    try {
      return new Sealer(decrypt(wrapping, Buffer.from(box.box, "base64"), "key"));
    } catch {
      throw new Error("the passphrase is not the one that the repository was made with");
    }
  }

  /** A name for a content: its SHA-256, or with a key one that tells nobody else what it is. */
  name(content: Buffer): string {
    const hash = this.#naming ? createHmac("sha256", this.#naming) : createHash("sha256");
    return hash.update(content).digest("hex");
  }

  /** @param name bound to the sealed content, so that one can't be put in another's place */
  async seal(name: string, content: Buffer): Promise<Buffer> {
    const small = await compress(content, compression);
    return this.#encryption ? encrypt(this.#encryption, small, name) : small;
  }

  /** @throws where the content is not what was sealed under this name */
  async unseal(name: string, sealed: Buffer): Promise<Buffer> {
    return decompress(this.#encryption ? decrypt(this.#encryption, sealed, name) : sealed);
  }
}

function derive(key: Buffer, use: string): Buffer {
  return createHmac("sha256", key).update(`berth backup ${use}`).digest();
}

/** AES-256-GCM; a random nonce a content, of which one key may see 2³² (some 4 PiB of chunks). */
function encrypt(key: Buffer, content: Buffer, name: string): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(name));
  return Buffer.concat([nonce, cipher.update(content), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: Buffer, sealed: Buffer, name: string): Buffer {
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, nonceBytes))
    .setAAD(Buffer.from(name))
    .setAuthTag(sealed.subarray(sealed.length - tagBytes));
  return Buffer.concat([
    decipher.update(sealed.subarray(nonceBytes, sealed.length - tagBytes)),
    decipher.final(),
  ]);
}
