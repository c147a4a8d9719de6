/** One resource with one set of arguments, and what changing them does. */
export interface Row<I extends object = Record<string, unknown>> {
  /** As the SDK names it. */
  readonly type: string;
  /** The resource's name; one of its kind. */
  readonly name: string;
  readonly one: I;
  readonly other: I;
  /** As `path kind`, in any order; empty where both sets mean the same. */
  readonly change: readonly string[];
  /** Arguments that the engine does not tell back: after an import they are as the program says. */
  readonly untold?: readonly string[];
  /** What it is imported by, where that is not its id. "no": it can't be. */
  readonly importedBy?: string;
  /** The first minor version of the Engine API that has it. Default: the oldest supported. */
  readonly api?: number;
  /** What it needs has to be looked at beside the others, or it gets in their way. */
  readonly alone?: boolean;
}

/** What the rows lean on: things that are there before. */
export interface World {
  /** An image that the engine has, and another name of it. */
  readonly image: string;
  readonly otherImage: string;
  /** The registry's address. */
  readonly registry: string;
  /** A folder of this machine with a Dockerfile (stages `base` and `site`), `Other.Dockerfile` and `upload.txt`. */
  readonly folder: string;
  /** The id of the overlay network "reef"; there is another, "shoal". */
  readonly networkId: string;
  /** A secret and a config of the swarm. */
  readonly secretId: string;
  readonly configId: string;
  /** A container with a volume at /data, and the address of a web server in it, which has a Dockerfile. */
  readonly donor: string;
  readonly site: string;
  /** Two plugins in the registry, and what they ask for. */
  readonly plugin: string;
  readonly otherPlugin: string;
  readonly pluginPermissions: readonly { readonly name: string; readonly values: string[] }[];
}
