const ports: Readonly<Record<string, string>> = { "http:": "80", "https:": "443" };

/** Where a load balancer of a lab listens, by its URL, and its URL on this machine once that is forwarded to an address here. */
export function forwardTarget(url: string): { target: string; urlAt(listen: string): string } {
  const { protocol, hostname, port } = new URL(url);
  return {
    target: `${hostname}:${port || ports[protocol]}`,
    urlAt: (listen) => `${protocol}//${listen}/`,
  };
}
