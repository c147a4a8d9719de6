import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { tempFolder } from "./support/tempFolder.js";

const script = fileURLToPath(new URL("../../../toolchain/run.sh", import.meta.url));

/** A checkout whose program says its arguments, on a machine with a Node.js of a version, and an npm that a test writes. */
function checkout(options: { readonly node: "new" | "old"; readonly npm: string }) {
  const [root, bin, cache] = [tempFolder(), tempFolder(), tempFolder()];
  const write = (path: string, content: string) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  };
  mkdirSync(join(root, "toolchain"));
  copyFileSync(script, join(root, "toolchain/run.sh"));
  write(join(root, "package-lock.json"), '{ "lockfileVersion": 3 }\n');
  for (const name of ["package.json", "package-lock.json"]) write(join(root, "toolchain/node", name), "{}\n");
  write(join(root, "toolchain/compile.mjs"), "");
  write(
    join(root, "dist/cli/main.js"),
    'console.log("berth", process.argv.slice(2).join(" "), process.execPath);\n',
  );
  const program = (path: string, body: string) => {
    write(path, `#!/bin/sh\n${body}\n`);
    chmodSync(path, 0o755);
  };
  const newNode = `exec "${process.execPath}" "$@"`;
  // Says no to the question whether it is recent, and its version.
  program(join(bin, "node"), options.node === "new" ? newNode : "echo v18.0.0");
  const calls = join(root, "calls");
  program(
    join(bin, "npm"),
    `[ "$1" = config ] && { echo /etc/npmrc; exit; }
     echo "$*" >>"${calls}"
     newNode() { mkdir -p node_modules/node/bin; printf '#!/bin/sh\\n%s\\n' '${newNode}' >node_modules/node/bin/node; chmod +x node_modules/node/bin/node; }
     ${options.npm}`,
  );
  const start = (env: Record<string, string> = {}) => {
    const child = spawn("sh", [join(root, "toolchain/run.sh"), "up", "dev"], {
      env: { PATH: `${bin}:/usr/bin:/bin`, HOME: cache, BERTH_CACHE: cache, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const output = Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
    return { child, output: output.then(([stdout, stderr, [code]]) => ({ stdout, stderr, code })) };
  };
  return {
    root,
    start,
    run: (env?: Record<string, string>) => start(env).output,
    npm: () => (existsSync(calls) ? readFileSync(calls, "utf8").trim().split("\n") : []),
    write: (path: string, content: string) => write(join(root, path), content),
  };
}

const install = "install --no-save --no-audit --no-fund";
const makeFolder = "mkdir -p node_modules";

test("packages are installed once, and again when the lock file is another one", async () => {
  const { run, npm, write } = checkout({ node: "new", npm: makeFolder });
  const first = await run();
  expect(first.stdout).toMatch(/^berth up dev \S+\n$/);
  expect(first.stderr).toBe("Installing npm packages (10 s to 2 min)\n");
  expect(await run()).toEqual({ ...first, stderr: "" });
  expect(npm()).toEqual([install]);
  write("package-lock.json", '{ "lockfileVersion": 3, "packages": {} }\n');
  await run();
  expect(npm()).toEqual([install, install]);
});

test("a machine with an old Node.js gets a new one, once", async () => {
  const { run, npm } = checkout({ node: "old", npm: `[ "$1" = ci ] && newNode || ${makeFolder}` });
  const first = await run();
  expect(first.stderr).toBe(
    "Installing Node.js 24 from npm, as this machine has v18.0.0 (10 to 60 s)\nInstalling npm packages (10 s to 2 min)\n",
  );
  expect(first.stdout).toMatch(/^berth up dev /);
  expect(await run()).toEqual({ ...first, stderr: "" });
  expect(npm()).toEqual(["ci --ignore-scripts --no-audit --no-fund", install]);
});

test("what npm says of a failure is shown, and the next run tries again", async () => {
  const { root, run, npm, write } = checkout({
    node: "new",
    npm: `[ -e mended ] || { echo "npm error 404"; exit 1; }; ${makeFolder}`,
  });
  const failed = await run();
  expect(failed).toMatchObject({ code: 1, stdout: "" });
  expect(failed.stderr).toMatch(
    /\nnpm error 404\nberth: npm install .* failed; all of its output is in \S+\/logs\/npm\.log\n$/,
  );
  expect(existsSync(join(root, "node_modules"))).toBe(false);
  write("mended", "");
  expect((await run()).code).toBe(0);
  expect(npm()).toEqual([install, install]);
});

test("npm that waits without an end is ended after a limit, with what it has said", async () => {
  const { run } = checkout({ node: "new", npm: 'echo "npm http fetch attempt 1 failed"; exec sleep 600' });
  const { code, stderr } = await run({ BERTH_NPM_LIMIT: "1" });
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /attempt 1 failed\nberth: npm install .* did not end within 1 s \(BERTH_NPM_LIMIT\); all of its output is in/,
  );
});

test("of two runs at once one installs, and the other waits for it", async () => {
  const { root, start, npm } = checkout({
    node: "new",
    npm: `touch installing; while [ ! -e go ]; do sleep 0.05; done; ${makeFolder}`,
  });
  const first = start();
  await expect.poll(() => existsSync(join(root, "installing")), { timeout: 30_000 }).toBe(true);
  const second = start();
  const [said] = (await once(second.child.stderr, "data")) as [Buffer];
  expect(said.toString()).toBe("Waiting for another run (up to 16 min)\n");
  writeFileSync(join(root, "go"), "");
  for (const { output } of [first, second]) expect((await output).stdout).toMatch(/^berth up dev /);
  expect(npm()).toEqual([install]);
});

test("a machine without npm is told how to get it", async () => {
  const bin = tempFolder();
  for (const tool of ["sh", "dirname", "mkdir"]) symlinkSync(`/usr/bin/${tool}`, join(bin, tool));
  const { code, stderr } = await checkout({ node: "new", npm: "" }).run({ PATH: bin });
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^berth: npm is missing: install it, on Debian with {2}apt-get update && apt-get install/,
  );
});
