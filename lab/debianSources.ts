import { runCommand } from "../toolchain/runCommand.js";

/** The suite that guests and container images are made of, whatever this machine runs. */
export const SUITE = "bookworm";

/**
 * An apt sources list of that suite, from the mirrors that this machine's own apt is set up with.
 * @throws where apt here knows no mirror of Debian
 */
export async function debianSources(): Promise<string> {
  const format = "$(REPO_URI) $(CODENAME) $(COMPONENT) $(RELEASE)";
  const listing = await runCommand("apt-get", ["indextargets", "--format", format, "Created-By: Packages"], {
    limitMs: 30_000,
    hint: "Guest images are made from the mirrors that apt on this machine uses.",
  });
  return sourcesFromTargets(listing);
}

/**
 * The sources list from apt's listing of its index targets, a line each: URI, code name, component, release.
 * Code names other than Debian's releases are other people's repositories.
 */
export function sourcesFromTargets(listing: string): string {
  let main: string | undefined;
  let security: string | undefined;
  for (const line of listing.split("\n")) {
    const [uri, codename, component, release] = line.trim().split(/\s+/);
    const suite = `${codename} ${release}`;
    if (uri === undefined || component !== "main" || !/\b(bookworm|trixie|forky|sid)\b/.test(suite)) {
      continue;
    }
    if (/-security/.test(suite)) {
      security ??= uri;
    } else if (/\/debian\/?$/.test(uri)) {
      main ??= uri;
    }
  }
  if (main === undefined) {
    throw new Error(
      'apt on this machine knows no mirror of Debian (its URI ends in "/debian"): add one to ' +
        "/etc/apt/sources.list.d, run apt-get update, and start again.",
    );
  }
  return [
    `deb ${main} ${SUITE} main`,
    `deb ${main} ${SUITE}-updates main`,
    ...(security === undefined ? [] : [`deb ${security} ${SUITE}-security main`]),
    "",
  ].join("\n");
}
