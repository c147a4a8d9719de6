import { execFileSync } from "node:child_process";
import { readFileSync, realpathSync } from "node:fs";
import type Docker from "dockerode";
import { pack } from "tar-stream";

const repo = "berth-test/haproxy";

/** An image made of this machine's HAProxy, the libraries that it needs, and busybox. Gives its name. */
export async function importHaproxyImage(docker: Docker): Promise<string> {
  const binary = "/usr/sbin/haproxy";
  const libraries = execFileSync("ldd", [binary], { encoding: "utf8" }).match(/\/\S+/g) ?? [];
  const tar = pack();
  for (const file of [binary, ...new Set(libraries)]) {
    tar.entry({ name: file.slice(1), mode: 0o755 }, readFileSync(realpathSync(file)));
  }
  tar.entry({ name: "bin/busybox", mode: 0o755 }, readFileSync("/usr/bin/busybox"));
  for (const name of ["sh", "mv", "rm"]) {
    tar.entry({ name: `bin/${name}`, type: "symlink", linkname: "busybox" });
  }
  tar.entry({ name: "etc/haproxy", type: "directory", mode: 0o755 });
  tar.entry({ name: "etc/haproxy/haproxy.cfg" }, "global\n    log stdout format raw local0\n");
  tar.finalize();
  const imported = await docker.importImage(tar as unknown as NodeJS.ReadableStream as never, {
    repo,
    tag: "1",
  });
  await new Promise<void>((resolve, reject) => {
    imported.on("end", resolve).on("error", reject).resume();
  });
  return `${repo}:1`;
}
