import { z } from "zod";
import { address, duration, fields, flag, integer, list, matching, oneOf, port, text } from "./fields.js";
import { imageSource } from "./imageSource.js";
import { show } from "./issues.js";

/** A load balancer as people write it; see `schema.ts`. */

const line = () => matching(/^[^\p{Cc}]*\S[^\p{Cc}]*$/u, "one line of HAProxy's configuration");
const lines = () => list(line(), "lines of HAProxy's configuration").optional();
const headerName = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;
const connections = () => integer(1, 1_000_000, "a number of connections").optional();
const secret = () => text("the name of a secret");
const hostPattern = () =>
  matching(
    /^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i,
    'a host name; write one such as "shop.example", or "*.example" for all below it',
  );

const headerValues = () =>
  z
    .record(
      z
        .string()
        .regex(headerName, { error: ({ input }) => `${show(input)} is not the name of an HTTP header.` }),
      matching(/^[^\p{Cc}]+$/u, "a header's value"),
      { error: ({ input }) => `${show(input)} is not a map from headers to values.` },
    )
    .optional();

const headers = () =>
  fields({
    set: headerValues(),
    remove: list(matching(headerName, "the name of an HTTP header"), "names of HTTP headers").optional(),
  }).optional();

const route = fields({
  path: matching(
    /^\/[!"$-;=@-~]*$/,
    'a path to route by; it begins with "/" and has no spaces, "#", "?", "<" or ">"',
  ).optional(),
  host: hostPattern().optional(),
  headers: headerValues(),
  service: text("a name").optional(),
});

const certificate = fields({
  certificate: secret().optional(),
  key: secret().optional(),
  hosts: list(hostPattern(), "host names").optional(),
});

const tls = fields({
  certificates: z
    .array(certificate, {
      error: ({ input }) =>
        `${show(input)} is not a list, such as [{certificate: site, key: site-key}] or [{hosts: [shop.example]}].`,
    })
    .optional(),
  minVersion: oneOf(["1.2", "1.3"]).optional(),
  http2: flag().optional(),
  clientCa: secret().optional(),
  hsts: duration().optional(),
});

const frontendFields = {
  bind: address().optional(),
  port: port().optional(),
  mode: oneOf(["http", "tcp"]).optional(),
  acceptProxy: flag().optional(),
  tls: tls.optional(),
  redirect: oneOf(["https"]).optional(),
  routes: z
    .array(route, {
      error: ({ input }) => `${show(input)} is not a list of routes, such as [{path: /api, service: api}].`,
    })
    .optional(),
  service: text("a name").optional(),
  allow: list(
    matching(/^(\d{1,3}\.){3}\d{1,3}(\/\d{1,2})?$/, 'an IPv4 network, such as "10.0.0.0/8"'),
    "IPv4 networks",
  ).optional(),
  rateLimit: fields({
    requests: integer(1, 1_000_000, "a number of requests").optional(),
    period: duration().optional(),
  }).optional(),
  headers: fields({ request: headers(), response: headers() }).optional(),
  compress: z
    .union([flag(), list(matching(/^[\w.+-]+\/[\w.+-]+$/, "a media type"), "media types")], {
      error: ({ input }) => `${show(input)} is neither true, false nor a list of media types.`,
    })
    .optional(),
};

const frontend = fields({ ...frontendFields, maxConnections: connections(), raw: lines() });

const balance = () =>
  matching(
    /^(roundrobin|static-rr|leastconn|first|source|uri|random|hdr\([\w-]+\)|url_param\([\w-]+\))$/,
    'an algorithm; use "roundrobin", "static-rr", "leastconn", "first", "source", "uri", "random", "hdr(NAME)" or "url_param(NAME)"',
  );

const backend = fields({
  balance: balance().optional(),
  hashType: oneOf(["consistent", "map-based"]).optional(),
  weights: z
    .record(
      z
        .string()
        .regex(/^[1-9]\d{0,3}$/, { error: ({ input }) => `${show(input)} is not a replica's number.` }),
      integer(0, 256, "a weight"),
      { error: ({ input }) => `${show(input)} is not a map from replicas' numbers to weights.` },
    )
    .optional(),
  slowStart: duration().optional(),
  sticky: fields({ cookie: matching(/^[A-Za-z0-9_-]+$/, "the name of a cookie").optional() }).optional(),
  maxConnections: connections(),
  timeout: duration().optional(),
  headers: fields({ request: headers(), response: headers() }).optional(),
  raw: lines(),
  serverOptions: list(matching(/^[^\p{Cc}\s]+$/u, "one word"), "words").optional(),
});

const named = <T extends z.ZodType>(value: T, what: string) =>
  z
    .record(z.string(), value, { error: ({ input }) => `${show(input)} is not a map from ${what}.` })
    .optional();

export const loadBalancerSchema = fields({
  hypervisor: text("a name").optional(),
  machines: list(text("a name"), "names from berth:machines").optional(),
  virtualAddress: fields({
    address: address().optional(),
    routerId: integer(1, 255, "a VRRP router's number").optional(),
    interval: duration().optional(),
  }).optional(),
  ...frontendFields,
  frontends: named(frontend, "names to frontends"),
  balance: balance().optional(),
  backends: named(backend, "services to how they are balanced"),
  timeouts: fields({
    connect: duration().optional(),
    client: duration().optional(),
    server: duration().optional(),
    request: duration().optional(),
    keepAlive: duration().optional(),
    queue: duration().optional(),
    tunnel: duration().optional(),
  }).optional(),
  retries: integer(0, 100, "a number of retries").optional(),
  maxConnections: connections(),
  log: fields({
    requests: oneOf(["all", "errors", "none"]).optional(),
    format: oneOf(["text", "json"]).optional(),
    targets: list(
      matching(
        /^(stdout|(\d{1,3}\.){3}\d{1,3}:\d{1,5})$/,
        'a log target; write "stdout", or a syslog server\'s address and port, such as "192.0.2.1:514"',
      ),
      "log targets",
    ).optional(),
  }).optional(),
  stats: fields({
    bind: address().optional(),
    port: port().optional(),
    user: matching(/^[\w.-]+$/, "a user's name").optional(),
    password: secret().optional(),
  }).optional(),
  raw: fields({
    global: lines(),
    defaults: lines(),
    sections: z
      .record(
        z.string().regex(/^[a-z-]+( [\w.:-]+)*$/, {
          error: ({ input }) => `${show(input)} is not the title of a section, such as "cache small".`,
        }),
        list(line(), "lines of HAProxy's configuration"),
        { error: ({ input }) => `${show(input)} is not a map from sections' titles to lines.` },
      )
      .optional(),
  }).optional(),
  image: imageSource().optional(),
});

/** What belongs to one frontend: given beside `frontends`, it would belong to none. */
export const frontendKeys = Object.keys(frontendFields) as (keyof typeof frontendFields)[];
export type WrittenFrontend = z.output<typeof frontend>;
export type WrittenBackend = z.output<typeof backend>;
