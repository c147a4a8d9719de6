import { expect, test } from "vitest";
import { type HaproxyModel, haproxyModel, renderHaproxy } from "../../../components/haproxy/index.js";
import { place } from "../../../components/placement/index.js";
import { parseTopology } from "../../../components/topology/index.js";
import { stackFile, stackTopology } from "../topology/stackFile.js";
import { backend, everything, plainModel, server } from "./models.js";

function configurationOf(stack: string): string {
  const topology = stackTopology(stack);
  return renderHaproxy(haproxyModel(topology.loadBalancers[0]!, topology, place(topology)));
}

test("stack dev, in full", () => {
  expect(configurationOf("dev")).toBe(`global
    maxconn 4000
    log stdout format raw local0
    chroot /var/lib/haproxy
    uid 99
    gid 99
    stats socket /run/haproxy/admin.sock mode 600 level admin expose-fd listeners
    hard-stop-after 5m

defaults
    mode http
    log global
    maxconn 4000
    option dontlognull
    option redispatch 1
    http-reuse safe
    retries 5
    timeout connect 2s
    timeout client 1m
    timeout server 1m
    timeout http-request 10s
    timeout http-keep-alive 10s
    timeout queue 30s
    timeout tunnel 1h

frontend http
    bind 192.168.130.1:80
    option httplog
    option forwardfor
    option idle-close-on-response
    default_backend web

backend web
    balance roundrobin
    option httpchk
    http-check send meth GET uri / ver HTTP/1.1 hdr Host web
    http-check expect status 200
    timeout check 2s
    server web-1-80 192.168.130.132:80 check inter 2s rise 2 fall 3 observe layer4 error-limit 3 on-error sudden-death
    server web-2-80 192.168.130.133:80 check inter 2s rise 2 fall 3 observe layer4 error-limit 3 on-error sudden-death
`);
});

test("stack ha routes a path and what is below it, before the rest", () => {
  const text = configurationOf("ha");
  expect(text).toContain(`
frontend http
    bind 192.168.131.1:80
    option httplog
    option forwardfor
    option idle-close-on-response
    acl path:api path -- /api
    acl path:api path_beg -- /api/
    use_backend api if path:api
    default_backend web
`);
  expect(text.match(/^ {4}server api-\d-8080 192\.168\.131\.\d+:8080 check /gm)).toHaveLength(3);
  expect(text.match(/^ {4}server web-\d-80 192\.168\.131\.\d+:80 check /gm)).toHaveLength(3);
});

test("only the services that requests may go to have a backend", () => {
  const config = stackFile("ha");
  const loadBalancers = { public: { service: "api" } };
  const topology = parseTopology({ ...config, loadBalancers }, { stack: "ha" });
  const { backends } = haproxyModel(topology.loadBalancers[0]!, topology, place(topology));
  expect(backends.map(({ name }) => name)).toEqual(["api"]);
});

test("different paths have conditions of different names", () => {
  const paths = ["/a/b", "/a-b", "/a:b", "/a_b", "/a.b", "/a~b"];
  const config = {
    ...stackFile("dev"),
    loadBalancers: { public: { routes: paths.map((path) => ({ path, service: "web" })) } },
  };
  const topology = parseTopology(config, { stack: "dev" });
  const [frontend] = haproxyModel(topology.loadBalancers[0]!, topology, place(topology)).frontends;
  expect(new Set(frontend!.acls!.map(({ name }) => name)).size).toBe(paths.length);
  expect(frontend!.useBackends).toHaveLength(paths.length);
});

test("servers with all that they can have", () => {
  expect(renderHaproxy(everything)).toContain(`
    server web-1 192.0.2.11:80 check inter 500ms rise 1 fall 2 weight 0 maxconn 50
    server web-2 192.0.2.11:81 check inter 61s rise 2 fall 3 observe layer4 error-limit 4 on-error sudden-death agent-check agent-port 9000 agent-inter 2s weight 256
    server sorry 127.0.0.1:80 slowstart 10s backup no-check
`);
});

function changed(change: Partial<HaproxyModel>): () => string {
  return () => renderHaproxy({ ...plainModel, ...change });
}

const [frontend] = plainModel.frontends;

test.each<[string, () => string, string]>([
  [
    "a value with the end of a line",
    changed({ global: { ...plainModel.global, chroot: "/var\nuser root" } }),
    'HAProxy: "/var\\nuser root" holds a control character, such as the end of a line; remove it.',
  ],
  [
    "an empty value",
    changed({ backends: [{ ...backend, balance: [""] }] }),
    "HAProxy: an argument is empty; give it a value, or leave it out.",
  ],
  [
    "a raw line that is two",
    changed({ backends: [{ ...backend, raw: ["option a\nbackend b"] }] }),
    'HAProxy: the raw line "option a\\nbackend b" holds a control character; write one directive a line.',
  ],
  [
    "a raw line that begins a section",
    changed({ backends: [{ ...backend, raw: ["listen stats"] }] }),
    'HAProxy: the raw line "listen stats" would begin another section; remove it.',
  ],
  [
    "a name with a blank",
    changed({ backends: [backend, { ...backend, name: "web 2" }] }),
    'HAProxy: "web 2" is not a name of a backend; use letters, digits, "-", "_", "." and ":".',
  ],
  [
    "an address with something behind it",
    changed({ backends: [{ ...backend, servers: [{ ...server, address: "192.0.2.1:80 backup" }] }] }),
    'HAProxy: "192.0.2.1:80 backup" is not an address; use an IPv4 address, a host name or "*".',
  ],
  [
    "a port out of bounds",
    changed({ backends: [{ ...backend, servers: [{ ...server, port: 0 }] }] }),
    "HAProxy: port is 0; use a whole number from 1 to 65535.",
  ],
  [
    "a weight out of bounds",
    changed({ backends: [{ ...backend, servers: [{ ...server, weight: 257 }] }] }),
    "HAProxy: weight is 257; use a whole number from 0 to 256.",
  ],
  [
    "a time-out of no time",
    changed({ global: { ...plainModel.global, hardStopAfterMs: 0 } }),
    "HAProxy: hard-stop-after is 0; use a whole number from 1 to 2147483647.",
  ],
  [
    "a status that is none",
    changed({
      backends: [
        { ...backend, check: { method: "GET", path: "/", host: "h", status: "200-x", timeoutMs: 1 } },
      ],
    }),
    "HAProxy: http-check status is NaN; use a whole number from 100 to 599.",
  ],
  [
    "a section that the model has itself",
    changed({ sections: [{ title: "backend web2", lines: [] }] }),
    'HAProxy: "backend web2" is not the title of a section of its own; begin it with listen, userlist, peers, mailers, program, resolvers, ring, cache, http-errors, fcgi-app, log-forward.',
  ],
  [
    "rules with conditions that are not there, or none",
    changed({
      frontends: [
        {
          ...frontend!,
          requestRules: [
            { do: "deny", status: 403, if: [] },
            { do: "deny", status: 403, unless: ["known"] },
          ],
        },
      ],
    }),
    'HAProxy: frontend "http" asks for ACL "known", which is not there; frontend "http" has a rule with a condition that names no ACL.',
  ],
  [
    "names that occur twice or lead nowhere, all at once",
    changed({
      frontends: [
        {
          ...frontend!,
          useBackends: [
            { backend: "api", acls: ["admin"] },
            { backend: "web", acls: [] },
          ],
        },
      ],
      backends: [backend, { ...backend, servers: [server, server] }],
    }),
    [
      'HAProxy: backend "web" is there twice',
      `backend "web"'s server "web-1" is there twice`,
      'frontend "http" uses backend "api", which is not there',
      'frontend "http" asks for ACL "admin", which is not there',
      'frontend "http" uses backend "web" under no condition.',
    ].join("; "),
  ],
])("refuses %s", (_, render, message) => {
  expect(render).toThrow(new RangeError(message));
});
