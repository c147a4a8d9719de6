import { execFileSync } from "node:child_process";
import { readFileSync, realpathSync } from "node:fs";
import type Docker from "dockerode";
import { pack } from "tar-stream";
import { ensurePackages } from "../../../toolchain/apt.js";

const repo = "berth-test/haproxy";

/** An image made of this machine's HAProxy and socat, the libraries that they need, and busybox. Gives its name. */
export async function importHaproxyImage(docker: Docker): Promise<string> {
  await ensurePackages(["busybox-static", "haproxy", "socat"], console.error);
  const programs = ["/usr/sbin/haproxy", "/usr/bin/socat"];
  const libraries = execFileSync("ldd", programs, { encoding: "utf8" }).match(/\/lib\S+/g) ?? [];
  const tar = pack();
  for (const file of [...programs, ...new Set(libraries)]) {
    tar.entry({ name: file.slice(1), mode: 0o755 }, readFileSync(realpathSync(file)));
  }
  tar.entry({ name: "bin/busybox", mode: 0o755 }, readFileSync("/usr/bin/busybox"));
  for (const name of ["cat", "chmod", "date", "mv", "renice", "rm", "sh", "stat", "touch"]) {
    tar.entry({ name: `bin/${name}`, type: "symlink", linkname: "busybox" });
  }
  for (const name of ["etc/haproxy", "run/haproxy", "var/lib/haproxy"]) {
    tar.entry({ name, type: "directory", mode: 0o755 });
  }
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
