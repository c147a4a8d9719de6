import fc from "fast-check";
import {
  type HaproxyBackend,
  type HaproxyFrontend,
  type HaproxyModel,
  type HaproxyServer,
  hardenedDefaults,
  hardenedGlobal,
  hardenedTls,
  secretPath,
} from "../../../components/haproxy/index.js";

/** Loopback ports that the servers of any model are on. */
export const serverPorts = [9301, 9302, 9303, 9304, 9305] as const;
/** Where an agent says that all is well. */
export const agentPort = 9309;
const frontendPorts = [8301, 8302] as const;
/** Names of the PEM files that a model may name. */
export const certificateNames = ["one.pem", "two.pem"] as const;

const server = (port: number): fc.Arbitrary<HaproxyServer> =>
  fc
    .record(
      {
        weight: fc.integer({ min: 0, max: 256 }),
        slowStartMs: fc.constant(10_000),
        maxConnections: fc.integer({ min: 1, max: 99 }),
        // On a busy machine a check may take long, or fail once.
        check: fc.constantFrom(
          { intervalMs: 200, rise: 1, fall: 10 },
          { intervalMs: 200, rise: 1, fall: 10, connectErrors: 50 },
        ),
        agent: fc.constant({ port: agentPort, intervalMs: 500 }),
      },
      { requiredKeys: [] },
    )
    // Half of them change their parameters and keep their names.
    .chain((settings) => {
      const plain = `s-${port}`;
      const named = `s-${port}-${JSON.stringify(settings).replace(/[^A-Za-z0-9]+/g, "-")}`;
      return fc.constantFrom(plain, named).map((name) => ({ ...settings, name, address: "127.0.0.1", port }));
    });

const servers = fc
  .subarray([...serverPorts])
  .chain((ports) => fc.tuple(...ports.map(server)))
  .map((list): HaproxyServer[] => list);

function backend(name: string, mode: "http" | "tcp"): fc.Arbitrary<HaproxyBackend> {
  return fc
    .record(
      {
        balance: fc.constantFrom(
          ["roundrobin"],
          ["leastconn"],
          ["static-rr"],
          ["first"],
          ["source"],
          ...(mode === "http" ? [["uri"], ["hdr(x-user)"]] : []),
        ),
        hashType: fc.constantFrom("consistent" as const, "map-based" as const),
        check: fc.constantFrom(
          { timeoutMs: 5_000 },
          { method: "GET", path: "/", host: "web", status: "200-299", timeoutMs: 5_000 },
        ),
        timeouts: fc.constant({ serverMs: 90_000 }),
        ...(mode === "http" && {
          cookie: fc.constantFrom("A", "B").map((cookie) => ({ name: cookie, key: name, secure: false })),
          requestRules: fc.constant([{ do: "setHeader" as const, header: "X-Via", value: "100%" }]),
        }),
        servers,
      },
      { requiredKeys: ["balance", "servers"] },
    )
    .map((one) => ({ ...one, name, mode }) as HaproxyBackend);
}

function frontend(
  port: number,
  mode: "http" | "tcp",
  backends: readonly string[],
): fc.Arbitrary<HaproxyFrontend> {
  const tls = fc.record({
    certificates: fc.subarray(
      certificateNames.map((name) => secretPath(name)),
      { minLength: 1 },
    ),
    alpn: fc.constantFrom(["h2", "http/1.1"], []),
  });
  return fc
    .record(
      {
        tls,
        maxConnections: fc.integer({ min: 10, max: 99 }),
        stickTable: fc.integer({ min: 100, max: 102 }).map((size) => ({
          type: "ip" as const,
          size,
          expireMs: 20_000,
          store: ["conn_rate(10s)"],
        })),
        limited: fc.boolean(),
        routed: fc.boolean(),
        ...(mode === "http" && {
          compression: fc.constant({ algorithm: "gzip" as const, types: ["text/html"] }),
          responseRules: fc.constant([{ do: "removeHeader" as const, header: "Server" }]),
        }),
        defaultBackend: fc.constantFrom(...backends),
      },
      { requiredKeys: ["defaultBackend"] },
    )
    .map(
      ({ tls: bind, limited, routed, ...one }): HaproxyFrontend => ({
        ...one,
        name: `${mode}-${port}`,
        mode,
        binds: [{ address: "127.0.0.1", port, ...(bind && { tls: bind }) }],
        acls: [{ name: "mine", criterion: ["src"], values: ["127.0.0.0/8"] }],
        ...(limited && { connectionRules: [{ do: "reject", unless: ["mine"] }] }),
        ...(routed && { useBackends: [{ backend: backends[0]!, acls: ["mine"] }] }),
      }),
    );
}

/** Models that HAProxy can run, on loopback. */
export const anyModel: fc.Arbitrary<HaproxyModel> = fc
  .record({
    global: fc.constant({ ...hardenedGlobal(500), hardStopAfterMs: 20_000, tls: hardenedTls }),
    retries: fc.integer({ min: 2, max: 3 }),
    web: backend("web", "http"),
    api: fc.option(backend("api", "http"), { nil: undefined }),
    stream: fc.option(backend("stream", "tcp"), { nil: undefined }),
  })
  .chain(({ global, retries, web, api, stream }) => {
    const names = ["web", ...(api ? ["api"] : [])];
    return fc
      .tuple(
        frontend(frontendPorts[0], "http", names),
        stream ? frontend(frontendPorts[1], "tcp", ["stream"]) : fc.constant(undefined),
      )
      .map((frontends) => ({
        global,
        defaults: { ...hardenedDefaults(500), retries },
        frontends: frontends.filter((one) => one !== undefined),
        backends: [web, api, stream].filter((one) => one !== undefined),
      }));
  });
