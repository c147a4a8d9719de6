import { type RuntimeApi, RuntimeRefusalError } from "./runtimeApi.js";
import type { SecretChange } from "./secretFiles.js";

/** Whether all that changes are certificates that HAProxy has loaded, which it can exchange while it runs. */
export function areRenewals(change: SecretChange, there: ReadonlyMap<string, unknown>): boolean {
  const { changed } = change.difference;
  return changed.length > 0 && changed.every((name) => name.endsWith(".pem") && there.has(name));
}

/**
 * Has HAProxy use the certificates that are staged: connections that are there go on, new ones get the new certificates.
 *
 * @throws RuntimeRefusalError with HAProxy's words where it takes one of them back; those before it stay.
 */
export async function renewCertificates(
  change: SecretChange,
  api: RuntimeApi,
  signal: AbortSignal,
): Promise<void> {
  for (const name of change.difference.changed) {
    const path = change.finalPath(name);
    const taken = await api.askWithFile(`set ssl cert ${path}`, change.stagedPath(name), signal);
    if (!/Transaction (created|updated)/.test(taken)) throw new RuntimeRefusalError(taken.trim());
    const committed = await api.ask(`commit ssl cert ${path}`, signal);
    if (!/Success!/.test(committed)) {
      await api.ask(`abort ssl cert ${path}`, signal);
      throw new RuntimeRefusalError(committed.trim());
    }
  }
}
