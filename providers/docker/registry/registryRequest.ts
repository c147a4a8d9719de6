import { existsSync, readdirSync, readFileSync } from "node:fs";
import { type IncomingHttpHeaders, request as plainRequest } from "node:http";
import { request as tlsRequest } from "node:https";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import type { Credentials } from "../registryAuth.js";

/** A registry, and how it is spoken to. */
export interface Registry {
  /** Host and, where there is one, port; `docker.io` for Docker's own. */
  readonly server: string;
  readonly credentials?: Credentials | undefined;
  /** Without TLS: the address in the configuration says `http://`. */
  readonly plain?: boolean;
  /** Whatever certificate it shows is taken. */
  readonly insecureSkipVerify?: boolean | undefined;
}

export interface RegistryRequest {
  readonly method: "GET" | "HEAD" | "DELETE";
  /** From `/v2/` on. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface RegistryAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const answerTimeoutMs = 60_000;
const certificates = "/etc/docker/certs.d";

/**
 * One request to a registry (the OCI distribution API), with the log-in that it asks for. Registries on this machine's own
 * loopback may do without TLS, as with Docker; others need it, with a certificate that is known or lies where Docker looks
 * for it (/etc/docker/certs.d). Rejects where there is no answer, naming the registry; an answer is an answer, whatever its
 * status, but for refused log-ins.
 */
export async function registryRequest(registry: Registry, request: RegistryRequest): Promise<RegistryAnswer> {
  const first = await send(registry, request);
  if (first.status !== 401) return first;
  const authorization = await logIn(registry, first.headers["www-authenticate"] ?? "", request.signal);
  const second = await send(registry, { ...request, headers: { ...request.headers, authorization } });
  if (second.status === 401 || second.status === 403) throw refused(registry);
  return second;
}

async function send(registry: Registry, request: RegistryRequest): Promise<RegistryAnswer> {
  const host = registry.server === "docker.io" ? "registry-1.docker.io" : registry.server;
  return fetchUrl(
    new URL(`${registry.plain ? "http" : "https"}://${host}${request.path}`),
    registry,
    request,
  );
}

async function fetchUrl(url: URL, registry: Registry, request: RegistryRequest): Promise<RegistryAnswer> {
  const local = isLoopback(url.hostname);
  try {
    return await exchange(url, registry, request, local);
  } catch (error) {
    request.signal.throwIfAborted();
    if (local && url.protocol === "https:" && speaksNoTls(error as NodeJS.ErrnoException)) {
      return fetchUrl(new URL(url.href.replace(/^https/, "http")), registry, request);
    }
    throw new Error(
      `registry ${registry.server} can't be reached: ${explain(error as NodeJS.ErrnoException)}`,
      {
        cause: error,
      },
    );
  }
}

function exchange(
  url: URL,
  { server, insecureSkipVerify }: Registry,
  { method, headers, signal }: RegistryRequest,
  local: boolean,
): Promise<RegistryAnswer> {
  return new Promise((resolve, reject) => {
    const limit = AbortSignal.timeout(answerTimeoutMs);
    const options = { method, headers: { ...headers }, signal: AbortSignal.any([signal, limit]) };
    const known = knownCertificates(server);
    const tls = {
      rejectUnauthorized: !insecureSkipVerify && !local,
      ...(known.length > 0 && { ca: [...rootCertificates, ...known] }),
    };
    const request =
      url.protocol === "https:" ? tlsRequest(url, { ...options, ...tls }) : plainRequest(url, options);
    request.on("error", (error) => {
      reject(limit.aborted ? new Error(`no answer within ${answerTimeoutMs / 1000} s`) : error);
    });
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    request.end();
  });
}

/** Answers the registry's challenge: with a token where it names who gives them, else with name and password. */
async function logIn(registry: Registry, challenge: string, signal: AbortSignal): Promise<string> {
  const { username, password, identitytoken } = registry.credentials ?? {};
  const basic =
    username === undefined
      ? undefined
      : `Basic ${Buffer.from(`${username}:${password ?? ""}`).toString("base64")}`;
  if (!/^bearer /i.test(challenge)) {
    if (!basic) throw refused(registry);
    return basic;
  }
  const words = Object.fromEntries(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]),
  );
  const { realm, service, scope } = words as Record<string, string | undefined>;
  if (!realm)
    throw new Error(`registry ${registry.server} asks for a token and does not say where to get one.`);
  const url = new URL(realm);
  if (service) url.searchParams.set("service", service);
  if (scope) url.searchParams.set("scope", scope);
  const headers: Record<string, string> = identitytoken
    ? { authorization: `Bearer ${identitytoken}` }
    : basic
      ? { authorization: basic }
      : {};
  // What reaches the registry over TLS is not sent elsewhere without.
  if (basic && url.protocol === "http:" && !registry.plain && !isLoopback(url.hostname)) {
    throw new Error(
      `registry ${registry.server} wants the password sent to ${url.host} without TLS: refused.`,
    );
  }
  const answer = await fetchUrl(url, registry, { method: "GET", path: "", headers, signal });
  if (answer.status !== 200) throw refused(registry);
  const { token, access_token } = JSON.parse(answer.body.toString("utf8")) as Record<string, string>;
  return `Bearer ${token ?? access_token}`;
}

function refused({ server, credentials }: Registry): Error {
  const who = credentials?.username;
  return new Error(
    who === undefined
      ? `registry ${server} wants a log-in: give the provider's registryAuth an entry with the address "${server}".`
      : `registry ${server} refuses "${who}": wrong password, or not allowed to do this.`,
  );
}

function knownCertificates(server: string): string[] {
  const folder = join(certificates, server);
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((name) => name.endsWith(".crt"));
  return files.map((name) => readFileSync(join(folder, name), "utf8"));
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127\./.test(host);
}

function speaksNoTls({ code = "" }: NodeJS.ErrnoException): boolean {
  return code === "EPROTO" || code === "ECONNRESET" || code.startsWith("ERR_SSL_");
}

function explain(error: NodeJS.ErrnoException): string {
  const certificate = [
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "SELF_SIGNED_CERT_IN_CHAIN",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  ];
  if (certificate.includes(error.code ?? "")) {
    return `its certificate is signed by nobody known here. Put the CA's into ${certificates}/HOST:PORT/ca.crt.`;
  }
  return error.message;
}
