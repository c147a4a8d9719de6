import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Duplex, PassThrough } from "node:stream";
import type { Container } from "dockerode";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { RuntimeApi } from "../../../providers/berth/haproxy/runtimeApi.js";

const folder = mkdtempSync(join(tmpdir(), "berth-runtime-api-"));
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

const children = new Set<ChildProcess>();
const running = () =>
  [...children].filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);

/** A container that has nothing but these programs: its commands run here. */
function containerWith(...programs: string[]): Container {
  const bin = mkdtempSync(join(folder, "bin-"));
  for (const program of programs) symlinkSync(`/usr/bin/${program}`, join(bin, program));
  return {
    modem: {
      demuxStream: (stream: NodeJS.ReadableStream, output: NodeJS.WritableStream) => void stream.pipe(output),
    },
    exec: async ({ Cmd: [command = "", ...words] }: { Cmd: string[] }) => {
      let ended: Promise<number | null>;
      return {
        start: async () => {
          if (!programs.includes(command)) {
            throw new Error(`exec: "${command}": executable file not found in $PATH`);
          }
          const child = spawn(command, words, { env: { PATH: bin } });
          children.add(child);
          ended = new Promise((resolve) => child.on("close", resolve));
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
        inspect: async () => ({ ExitCode: await ended }),
      };
    },
  } as unknown as Container;
}

it.each(["socat", "perl"])("HAProxy is asked with %s where an image has no more", async (program) => {
  const api = new RuntimeApi(containerWith("sh", program), socket);
  expect(await api.ask("show servers state; show info", signal)).toBe(
    "asked: show servers state; show info\n\n",
  );
  await expect(api.tell(["del server web/one"], signal)).rejects.toThrow(/^asked: del server web\/one$/);
});

it.each([
  [["sh"], /^its image has neither socat nor perl$/],
  [[], /^its image has no shell$/],
])("an image with %j is told from one that can", async (programs, message) => {
  await expect(new RuntimeApi(containerWith(...programs), socket).ask("show info", signal)).rejects.toThrow(
    expect.objectContaining({ name: "RuntimeUnreachableError", message: expect.stringMatching(message) }),
  );
});

it.each(["socat", "perl"])("a conversation, by %s, gives each question its own answer", async (program) => {
  const api = new RuntimeApi(containerWith("sh", program), socket);
  await api.conversing(signal, async (talk) => {
    const given = AbortSignal.abort(new Error("given up"));
    const answers = ["one", "two", "three"].map((question) => talk.ask(question, signal));
    const fourth = talk.ask("four", given);
    await expect(fourth).rejects.toThrow("given up");
    expect(await talk.ask("five", signal)).toBe("asked: five\n\n");
    expect(await Promise.all(answers)).toEqual(["asked: one\n\n", "asked: two\n\n", "asked: three\n\n"]);
    await expect(talk.tell(["del server web/one"], signal)).rejects.toThrow(/^asked: del server web\/one$/);
  });
});

it("a conversation ends with its work: no program is left in the container", async () => {
  const container = containerWith("socat", "sh");
  const api = new RuntimeApi(container, socket);
  await api.conversing(signal, (talk) => talk.ask("show info", signal));
  await vi.waitFor(() => expect(running()).toEqual([]), 5_000);
});

it("a conversation that can't be had says why, to each who asks", async () => {
  const api = new RuntimeApi(containerWith("sh", "id"), socket);
  await api.conversing(signal, async (talk) => {
    for (const question of ["one", "two"]) {
      await expect(talk.ask(question, signal)).rejects.toThrow(
        expect.objectContaining({
          name: "RuntimeUnreachableError",
          message: "its image has neither socat nor perl",
        }),
      );
    }
  });
});

it("a socket that is not there is told", async () => {
  const api = new RuntimeApi(containerWith("perl", "sh"), join(folder, "none.sock"));
  await expect(api.ask("show info", signal)).rejects.toThrow(
    expect.objectContaining({
      name: "RuntimeUnreachableError",
      message: expect.stringMatching(/none\.sock: No such file or directory$/),
    }),
  );
});
