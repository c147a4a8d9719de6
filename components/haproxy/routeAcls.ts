import type { Protocol, RouteSpec } from "../topology/index.js";
import type { HaproxyAcl } from "./model.js";

/** What must hold for a route: all of the names; of the ACLs of one name, one. */
export function routeAcls({ path, host, headers }: RouteSpec, mode: Protocol): HaproxyAcl[] {
  return [
    ...(host === undefined ? [] : [hostAcl(host, mode)]),
    ...(path === undefined ? [] : pathAcls(path)),
    ...Object.entries(headers).map(([header, value]) => ({
      name: `header:${readable(header)}:${readable(value)}`,
      criterion: [`req.fhdr(${header})`],
      values: [value],
    })),
  ];
}

function hostAcl(host: string, mode: Protocol): HaproxyAcl {
  const fetch = mode === "http" ? "req.hdr(host),host_only" : "req.ssl_sni";
  const below = host.startsWith("*.");
  return {
    name: `host:${readable(host)}`,
    criterion: [fetch, "-i", "-m", below ? "end" : "str"],
    values: [below ? host.slice(1) : host],
  };
}

/** The path itself, and all below it; `/apis` is not below `/api`. */
function pathAcls(path: string): HaproxyAcl[] {
  const name = `path${readable(path)}`;
  return [
    { name, criterion: ["path"], values: [path] },
    { name, criterion: ["path_beg"], values: [`${path}/`] },
  ];
}

/** `/api/v2` as `:api:v2`; characters that no name has in hexadecimal, so that no two texts share one. */
function readable(text: string): string {
  return text.replace(/[^A-Za-z0-9.-]/gu, (character) =>
    character === "/" ? ":" : `_${character.codePointAt(0)!.toString(16).padStart(2, "0")}`,
  );
}
