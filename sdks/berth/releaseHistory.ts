import * as pulumi from "@pulumi/pulumi";

export interface ReleaseHistoryArgs {
  /** Reference of the image that the service runs, by digest. Changing it: in place, another release. */
  image: pulumi.Input<string>;
}

/** A content that a service ran. */
export interface Release {
  /** The image's reference, by digest. */
  readonly image: string;
  /** When it was brought up, in ISO 8601. */
  readonly since: string;
}

/** What a service has run, which outlives the updates that brought it up: what `berth rollback` goes back to. It changes nothing by itself. */
export class ReleaseHistory extends pulumi.CustomResource {
  /** The newest first, at most 50. */
  declare readonly releases: pulumi.Output<readonly Release[]>;

  constructor(name: string, args: ReleaseHistoryArgs, opts?: pulumi.CustomResourceOptions) {
    super("berth:index:ReleaseHistory", name, { ...args, releases: undefined }, opts);
  }
}
