import * as pulumi from "@pulumi/pulumi";

export interface ImageFileArgs {
  /**
   * File on the machine that runs the program, as a path (a relative one starts at the program's folder) or a `file:` URL; or an
   * `https:` URL, fetched once for its digest. Changing it: in place where the content is the same.
   */
  path: pulumi.Input<string>;
  /** Expected SHA-256, 64 hexadecimal digits. A file with another digest is refused. Changing it: replace (and with it what is made from the file). */
  sha256: pulumi.Input<string>;
  /** It is a disk of machines: qcow2, or raw, of which a qcow2 file is made. Default false. Changing it: in place. */
  disk?: pulumi.Input<boolean>;
}

/** A file that was checked: it is there, or was fetched, and its content has the digest that was asked for. */
export class ImageFile extends pulumi.CustomResource {
  /** Absolute path, of the qcow2 file that was made of it where one had to be. */
  declare readonly file: pulumi.Output<string>;
  declare readonly sha256: pulumi.Output<string>;
  /** Bytes. */
  declare readonly size: pulumi.Output<number>;

  constructor(name: string, args: ImageFileArgs, opts?: pulumi.CustomResourceOptions) {
    super("berth:index:ImageFile", name, { ...args, file: undefined, size: undefined }, opts);
  }
}
