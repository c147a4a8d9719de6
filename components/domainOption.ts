import * as pulumi from "@pulumi/pulumi";
import type { DomainRef } from "./virtualMachine.js";

/** A domain as the plugin `docker` reads it out of OpenSSH's options, `BerthDomain=…`: of characters that need no quotes there. */
export function domainOption({ uuid, pool, volume, uri }: DomainRef): pulumi.Output<string> {
  return pulumi
    .all([uuid, pool, volume, uri])
    .apply((parts) => parts.map((part) => encodeURIComponent(part)).join(","));
}
