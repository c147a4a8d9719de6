import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Duplex, PassThrough } from "node:stream";
import type { Container } from "dockerode";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { ContainerShell } from "../../../providers/berth/haproxy/containerShell.js";
import { RuntimeApi } from "../../../providers/berth/haproxy/runtimeApi.js";

const folder = mkdtempSync(join(tmpdir(), "berth-container-shell-"));
const socket = join(folder, "api.sock");
const signal = new AbortController().signal;

/** Answers as HAProxy does: what was asked, then the end. */
const haproxy = createServer({ allowHalfOpen: true }, (connection) => {
  connection.setEncoding("utf8").once("data", (line: string) => connection.end(`asked: ${line}\n`));
});

beforeAll(() => new Promise<void>((resolve) => haproxy.listen(socket, resolve)));
afterAll(async () => {
  await new Promise((resolve) => haproxy.close(resolve));
  rmSync(folder, { recursive: true });
});

const started: { readonly child: ChildProcess; readonly user: string }[] = [];
const running = () => started.filter(({ child }) => child.exitCode === null && child.signalCode === null);
const shells: ContainerShell[] = [];
afterEach(async () => {
  for (const shell of shells.splice(0)) shell.close();
  await vi.waitFor(() => expect(running()).toEqual([]), 5_000);
  started.length = 0;
});

/** In a container that has nothing but these programs: its commands run here. */
function shellWith(programs: readonly string[], user = ""): ContainerShell {
  const bin = mkdtempSync(join(folder, "bin-"));
  for (const program of programs) symlinkSync(`/usr/bin/${program}`, join(bin, program));
  const container = {
    modem: {
      demuxStream: (stream: NodeJS.ReadableStream, output: NodeJS.WritableStream) => void stream.pipe(output),
    },
    inspect: async () => ({ Config: { User: user } }),
    exec: async ({ Cmd: [command = "", ...words], User }: { Cmd: string[]; User: string }) => ({
      start: async () => {
        if (!programs.includes(command)) {
          throw new Error(`exec: "${command}": executable file not found in $PATH`);
        }
        const child = spawn(command, words, { env: { PATH: bin } });
        started.push({ child, user: User });
        const both = new PassThrough();
        child.stdout.pipe(both, { end: false });
        child.stderr.pipe(both, { end: false });
        child.on("close", () => both.end());
        child.stdin.on("error", () => {});
        const terminal = new Duplex({
          read() {},
          write: (chunk, _, done) => child.stdin.write(chunk, () => done()),
          final: (done) => child.stdin.end(done),
        });
        both.on("data", (chunk) => terminal.push(chunk)).on("end", () => terminal.push(null));
        return terminal;
      },
    }),
  } as unknown as Container;
  const shell = new ContainerShell(container);
  shells.push(shell);
  return shell;
}

describe("a shell in a container", () => {
  it("gives each script its own output and exit code, and starts one program for all of them", async () => {
    const shell = shellWith(["sh"]);
    const scripts = ["echo one; echo two >&2", "exit 3", "printf 'no end of a line'", "none", "read x"];
    const results = await Promise.all(scripts.map((one) => shell.run(one, signal)));
    expect(results).toEqual([
      { code: 0, output: "one\ntwo\n" },
      { code: 3, output: "" },
      { code: 0, output: "no end of a line" },
      { code: 127, output: expect.stringMatching(/none: not found/) },
      // It does not read the scripts after it.
      { code: 1, output: "" },
    ]);
    expect(started).toHaveLength(1);
  });

  it.each([
    ["", ["0"]],
    ["root", ["0"]],
    ["0:0", ["0"]],
    ["haproxy", ["haproxy", "0"]],
    ["99", ["99", "0"]],
  ])("of user %j is root's too where that is root", async (user, users) => {
    const shell = shellWith(["sh"], user);
    await shell.run("true", signal);
    await shell.run("true", signal, "root");
    await shell.run("true", signal);
    expect(started.map((one) => one.user)).toEqual(users);
  });

  it("shows no other process what it runs", async () => {
    const shell = shellWith(["sh"]);
    await shell.run(`printf '%s' hunter2`, signal);
    expect(readFileSync(`/proc/${started[0]!.child.pid}/cmdline`, "utf8")).toBe("sh\0");
  });

  it("carries a script that is given up to its end, and then the next", async () => {
    const shell = shellWith(["sh", "sleep", "touch"]);
    const file = join(folder, "touched");
    const limit = new AbortController();
    const first = shell.run(`sleep 0.3; echo late; touch ${file}`, limit.signal);
    await vi.waitFor(() => expect(started).toHaveLength(1));
    limit.abort(new Error("given up"));
    await expect(first).rejects.toThrow("given up");
    expect(await shell.run("echo next", signal)).toEqual({ code: 0, output: "next\n" });
    expect(existsSync(file)).toBe(true);
  });

  it("begins nothing under a signal that has come", async () => {
    const shell = shellWith(["sh"]);
    await expect(shell.run("true", AbortSignal.abort(new Error("given up")))).rejects.toThrow("given up");
    expect(started).toEqual([]);
  });

  it("that ends fails what it runs, and is started again for the next", async () => {
    const shell = shellWith(["sh", "sleep"]);
    const [first, second] = ["sleep 1", "true"].map((one) =>
      shell.run(one, signal).catch((error: Error) => `${error.name}: ${error.message}`),
    );
    await vi.waitFor(() => expect(started).toHaveLength(1));
    started[0]!.child.kill("SIGKILL");
    const message = "ShellEndedError: the shell in its container has ended";
    expect(await Promise.all([first, second])).toEqual([message, message]);
    expect(await shell.run("echo again", signal)).toEqual({ code: 0, output: "again\n" });
    expect(started).toHaveLength(2);
  });

  it("that is closed before it was started is not started any more", async () => {
    const shell = shellWith(["sh"]);
    const run = shell.run("true", signal);
    shell.close();
    await expect(run).rejects.toThrow("the shell in its container is closed");
    expect(started).toEqual([]);
  });

  it("lets what the container is for go first, where the image can", async () => {
    expect(await shellWith(["sh", "nice", "renice"]).run("nice", signal)).toEqual({
      code: 0,
      output: "10\n",
    });
    expect(await shellWith(["sh", "nice"]).run("nice", signal)).toEqual({ code: 0, output: "0\n" });
  });

  it("that can't be had is told to each who asks", async () => {
    const shell = shellWith([]);
    for (const script of ["true", "false"]) {
      await expect(shell.run(script, signal)).rejects.toThrow("its image has no shell");
    }
  });
});

describe("HAProxy's Runtime API", () => {
  const api = (...programs: string[]) => new RuntimeApi(shellWith(programs), socket);

  it.each(["socat", "perl"])("is asked with %s where an image has no more", async (program) => {
    const talk = api("sh", program);
    expect(await talk.ask("show servers state; show info", signal)).toBe(
      "asked: show servers state; show info\n\n",
    );
    await expect(talk.tell(["del server web/one"], signal)).rejects.toThrow(/^asked: del server web\/one$/);
  });

  it.each(["socat", "perl"])("is asked much by one program in its container, with %s", async (program) => {
    const talk = api("sh", program);
    const questions = ["one", "it's two", "three"];
    const answers = await Promise.all(questions.map((question) => talk.ask(question, signal)));
    expect(answers).toEqual(questions.map((question) => `asked: ${question}\n\n`));
    expect(started).toHaveLength(1);
  });

  it("is given a file's lines", async () => {
    const file = join(folder, "payload");
    writeFileSync(file, "one\ntwo 'three'");
    expect(await api("sh", "socat").askWithFile("set ssl cert a", file, signal)).toBe(
      "asked: set ssl cert a <<\none\ntwo 'three'\n\n\n",
    );
  });

  it.each([
    [["sh"], /^its image has neither socat nor perl$/],
    [[], /^its image has no shell$/],
  ])("can't be asked in an image with %j, which is told", async (programs, message) => {
    await expect(api(...programs).ask("show info", signal)).rejects.toThrow(
      expect.objectContaining({ name: "RuntimeUnreachableError", message: expect.stringMatching(message) }),
    );
  });

  it("can't be asked at a socket that is not there, which is told", async () => {
    const none = new RuntimeApi(shellWith(["perl", "sh"]), join(folder, "none.sock"));
    await expect(none.ask("show info", signal)).rejects.toThrow(
      expect.objectContaining({
        name: "RuntimeUnreachableError",
        message: expect.stringMatching(/none\.sock: No such file or directory$/),
      }),
    );
  });
});
