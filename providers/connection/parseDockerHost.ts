/** A Docker engine's address, taken apart. */
export type DockerHost =
  | { readonly kind: "unix"; readonly path: string }
  | {
      readonly kind: "ssh";
      readonly host: string;
      readonly port?: number;
      readonly user?: string;
      /** The Docker socket on that machine. */
      readonly path: string;
    }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number };

const defaultSocket = "/var/run/docker.sock";

/**
 * Takes `unix:///path`, `ssh://user@host:port/path/to/docker.sock` (path optional) and `tcp://host:port` apart.
 * `tls` decides tcp's default port: 2376 with, 2375 without. Errors name the address and the accepted forms.
 */
export function parseDockerHost(address: string, tls = false): DockerHost {
  if (address.startsWith("unix://")) {
    const path = address.slice("unix://".length) || defaultSocket;
    if (!path.startsWith("/")) throw invalid(address, "the socket's path must be absolute");
    return { kind: "unix", path };
  }
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url?.hostname) throw invalid(address, "it names no host");
  const host = decodeURIComponent(url.hostname).replace(/^\[(.*)\]$/, "$1");
  const port = url.port === "" ? undefined : Number(url.port);
  switch (url.protocol) {
    case "ssh:":
      if (url.password) throw invalid(address, "passwords are not supported, use a key or the ssh-agent");
      return {
        kind: "ssh",
        host,
        ...(port !== undefined && { port }),
        ...(url.username && { user: decodeURIComponent(url.username) }),
        path: url.pathname.length > 1 ? decodeURIComponent(url.pathname) : defaultSocket,
      };
    case "tcp:":
    case "http:":
    case "https:":
      return { kind: "tcp", host, port: port ?? (tls ? 2376 : 2375) };
    default:
      throw invalid(address, `"${url.protocol}//" is not supported here`);
  }
}

function invalid(address: string, reason: string): Error {
  return new Error(
    `Docker host "${address}": ${reason}. Use unix:///path/docker.sock, ssh://user@host[:port] or tcp://host:port.`,
  );
}
