import * as pulumi from "@pulumi/pulumi";

export interface ImageFileArgs {
  /** File on the machine that runs the program; a relative path starts at the program's folder. Changing it: in place where the content is the same. */
  path: pulumi.Input<string>;
  /** Expected SHA-256, 64 hexadecimal digits. A file with another digest is refused. Changing it: replace (and with it what is made from the file). */
  sha256: pulumi.Input<string>;
}

/** A local file that was checked: it exists, can be read, and its content has the digest that was asked for. */
export class ImageFile extends pulumi.CustomResource {
  /** Absolute path. */
  declare readonly file: pulumi.Output<string>;
  declare readonly sha256: pulumi.Output<string>;
  /** Bytes. */
  declare readonly size: pulumi.Output<number>;

  constructor(name: string, args: ImageFileArgs, opts?: pulumi.CustomResourceOptions) {
    super("berth:index:ImageFile", name, { ...args, file: undefined, size: undefined }, opts);
  }
}
