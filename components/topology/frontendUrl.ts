import type { FrontendSpec } from "./loadBalancerSpec.js";

/** What a client opens: with the port where it is not the scheme's own. */
export function frontendUrl({ mode, bind, port, tls }: FrontendSpec): string {
  const scheme = mode === "tcp" ? "tcp" : tls === undefined ? "http" : "https";
  const own = { http: 80, https: 443, tcp: undefined }[scheme];
  return `${scheme}://${bind}${port === own ? "" : `:${port}`}/`;
}
