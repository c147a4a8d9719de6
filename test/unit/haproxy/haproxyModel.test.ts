import { expect, test } from "vitest";
import { haproxyModel, renderHaproxy, secretFiles } from "../../../components/haproxy/index.js";
import { place } from "../../../components/placement/index.js";
import { parseTopology } from "../../../components/topology/index.js";
import { stackFile } from "../topology/stackFile.js";

const secrets = { cert: "[secret]", key: "[secret]", ca: "[secret]", figures: "[secret]" };

/** Stack dev with a load balancer that says so, and more services. */
function topologyWith(loadBalancer: object, services: object = {}) {
  const config = stackFile("dev");
  return parseTopology(
    {
      ...config,
      secrets,
      services: { ...(config["services"] as object), ...services },
      loadBalancers: { public: loadBalancer },
    },
    { stack: "dev" },
  );
}

function configurationWith(loadBalancer: object, services?: object): string {
  const topology = topologyWith(loadBalancer, services);
  return renderHaproxy(haproxyModel(topology.loadBalancers[0]!, topology, place(topology)));
}

const secure = {
  port: 8443,
  tls: {
    certificates: [{ certificate: "cert", key: "key" }, { hosts: ["shop.example"] }],
    minVersion: "1.3",
    clientCa: "ca",
    hsts: "8760h",
  },
  service: "web",
};

test("TLS with certificates from files that only root may read, and plain HTTP redirected to it", () => {
  const text = configurationWith({ frontends: { plain: { redirect: "https" }, secure } });
  expect(text).toContain("\n    ssl-default-bind-options ssl-min-ver TLSv1.2 no-tls-tickets\n");
  expect(text).toContain(`
frontend plain
    bind 192.168.130.1:80
    option httplog
    option forwardfor
    option idle-close-on-response
    http-request redirect location 'https://%[req.hdr(host),host_only]:8443%[pathq]' code 308

frontend secure
    bind 192.168.130.1:8443 ssl crt /etc/haproxy/secret/cert.pem crt /etc/haproxy/secret/issued-shop-example-`);
  expect(text).toContain(
    ".pem alpn h2,http/1.1 ssl-min-ver TLSv1.3 ca-file /etc/haproxy/secret/ca.ca verify required",
  );
  expect(text).toContain("\n    http-request set-header X-Forwarded-Proto https\n");
  expect(text).toContain("\n    http-response set-header Strict-Transport-Security max-age=31536000\n");
});

test("the secret files that a configuration names, each once", () => {
  const loadBalancer = {
    frontends: { secure, other: { ...secure, port: 9443 } },
    stats: { user: "ops", password: "figures" },
  };
  const files = secretFiles(topologyWith(loadBalancer).loadBalancers[0]!);
  expect(files).toEqual([
    { file: "cert.pem", kind: "pem", certificate: "cert", key: "key" },
    {
      file: expect.stringMatching(/^issued-shop-example-.*\.pem$/),
      kind: "issued",
      hosts: ["shop.example"],
    },
    { file: "ca.ca", kind: "authorities", certificate: "ca" },
    { file: "stats.login", kind: "login", user: "ops", password: "figures" },
  ]);
});

test("routing by host, path and header, all of which must match", () => {
  const route = { host: "*.example", path: "/api", headers: { "X-Canary": "yes, please" }, service: "web" };
  expect(configurationWith({ routes: [route] })).toContain(`
    acl host:_2a.example req.hdr(host),host_only -i -m end -- .example
    acl path:api path -- /api
    acl path:api path_beg -- /api/
    acl header:x-canary:yes_2c_20please req.fhdr(x-canary) -- 'yes, please'
    use_backend web if host:_2a.example path:api header:x-canary:yes_2c_20please
    default_backend web
`);
});

test("TCP, by the name that TLS clients ask for, beside HTTP to the same service", () => {
  const text = configurationWith(
    {
      frontends: {
        http: { port: 80, service: "web" },
        stream: {
          port: 5432,
          mode: "tcp",
          routes: [{ host: "db.example", service: "db" }],
          service: "web",
          allow: ["10.0.0.0/8", "192.0.2.1"],
          acceptProxy: true,
          rateLimit: { requests: 5, period: "1m" },
        },
      },
    },
    { db: { image: "web", port: 5432, protocol: "tcp" } },
  );
  expect(text).toContain(`
frontend stream
    mode tcp
    bind 192.168.130.1:5432 accept-proxy
    option tcplog
    stick-table type ip size 100000 expire 2m store conn_rate(1m)
    acl allowed src -- 10.0.0.0/8 192.0.2.1
    acl too-many sc_conn_rate(0) -- gt 5
    acl tls:hello req.ssl_hello_type -- 1
    acl host:db.example req.ssl_sni -i -m str -- db.example
    tcp-request connection reject unless allowed
    tcp-request connection track-sc0 src
    tcp-request connection reject if too-many
    tcp-request inspect-delay 5s
    tcp-request content accept if tls:hello
    use_backend db if host:db.example
    default_backend web:tcp
`);
  for (const head of [
    "backend db\n    mode tcp\n    balance roundrobin\n    timeout check 2s\n    server db-1-5432 ",
    "backend web:tcp\n    mode tcp\n    balance roundrobin\n    option httpchk\n",
    "backend web\n    balance roundrobin\n    option httpchk\n",
  ]) {
    expect(text).toContain(`\n${head}`);
  }
});

test("how a service is balanced: algorithm, weights, slow start, stickiness, limits, headers and lines of one's own", () => {
  const text = configurationWith(
    {
      balance: "leastconn",
      backends: {
        web: {
          balance: "source",
          weights: { 2: 0 },
          slowStart: "30s",
          sticky: { cookie: "SRV" },
          maxConnections: 7,
          timeout: "2m",
          headers: { request: { set: { "X-Mode": "100%" } }, response: { remove: ["Server"] } },
          raw: ["fullconn 100"],
          serverOptions: ["send-proxy-v2"],
        },
      },
    },
    {
      web: {
        image: "web",
        port: 80,
        replicas: 2,
        health: { method: "HEAD", path: "/up", host: "w:80", status: "200,204", agent: { port: 9000 } },
      },
    },
  );
  expect(text.slice(text.indexOf("\nbackend web") + 1)).toBe(`backend web
    balance source
    hash-type consistent
    option httpchk
    http-check send meth HEAD uri /up ver HTTP/1.1 hdr Host w:80
    http-check expect status 200,204
    timeout check 2s
    timeout server 2m
    cookie SRV insert indirect nocache dynamic httponly attr SameSite=Lax
    dynamic-cookie-key web
    http-request set-header X-Mode '100%%'
    http-response del-header Server
    fullconn 100
    server web-1-80 192.168.130.132:80 check inter 2s rise 2 fall 3 observe layer4 error-limit 3 on-error sudden-death agent-check agent-port 9000 agent-inter 2s slowstart 30s maxconn 7 send-proxy-v2
    server web-2-80 192.168.130.133:80 check inter 2s rise 2 fall 3 observe layer4 error-limit 3 on-error sudden-death agent-check agent-port 9000 agent-inter 2s weight 0 slowstart 30s maxconn 7 send-proxy-v2
`);
});

test("the page of figures is for who knows the password, which is not in the configuration", () => {
  const text = configurationWith({ stats: { password: "figures" } });
  expect(text).toContain(`
frontend stats
    bind 127.0.0.1:8404
    option dontlog-normal
    acl known req.fhdr(authorization) -f /etc/haproxy/secret/stats.login
    acl metrics path -- /metrics
    http-request auth realm HAProxy unless known
    http-request use-service prometheus-exporter if metrics
    stats enable
    stats uri /
    stats refresh 5s
    stats hide-version
`);
  expect(text).not.toContain("[secret]");
});

test("limits, compression, headers, logging, time-outs and any section of one's own", () => {
  const text = configurationWith({
    rateLimit: { requests: 100 },
    compress: ["text/html"],
    headers: { request: { remove: ["X-Debug"] }, response: { set: { "X-Frame-Options": "DENY" } } },
    timeouts: { server: "5m" },
    retries: 0,
    log: { requests: "errors", format: "json", targets: ["stdout", "192.0.2.9:514"] },
    raw: {
      global: ["nbthread 2"],
      defaults: ["timeout client-fin 30s"],
      sections: { "cache small": ["max-age 60"] },
    },
  });
  for (const lines of [
    "log stdout format raw local0\n    log 192.0.2.9:514 local0",
    "nbthread 2",
    "option dontlog-normal",
    "retries 0",
    "timeout server 5m",
    "timeout client-fin 30s\n\ncache small\n    max-age 60\n\nfrontend http",
    "stick-table type ip size 100000 expire 20s store http_req_rate(10s)",
    "compression algo gzip\n    compression type text/html",
    "http-request track-sc0 src\n    http-request deny deny_status 429 if too-many\n    http-request del-header X-Debug",
    "http-response set-header X-Frame-Options DENY",
  ]) {
    expect(text).toContain(`    ${lines}\n`);
  }
  expect(text).toMatch(/\n {4}log-format '\{"time":"%tr",.*"status":%ST\}'\n/);
  expect(text).not.toContain("option httplog");
});
