import type { DomainRef } from "../virsh/presenceOf.js";

/**
 * Reads the value of `-o BerthDomain=…`: UUID, pool, volume and libvirt's URI, each percent-encoded, with commas between. OpenSSH
 * passes over it where `-o IgnoreUnknown=BerthDomain` comes before.
 */
export function parseDomainOption(text: string): DomainRef {
  const [uuid, pool, volume, uri, ...rest] = text.split(",").map(decodeURIComponent);
  if (!uuid || !pool || !volume || !uri || rest.length > 0) {
    throw new Error(`sshOpts: BerthDomain=${text} is not a domain: write UUID,POOL,VOLUME,URI.`);
  }
  return { uri, uuid, pool, volume };
}
