import { spawn } from "node:child_process";

export interface Endpoint {
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

/** From when to when an endpoint did not answer, in milliseconds of one clock. */
export interface Outage {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** Asks each endpoint over HTTP, on a connection of its own, again and again; prints what it saw when its standard input ends. */
const prober = `
  const { get } = require("node:http");
  const endpoints = JSON.parse(process.argv[1]);
  const outages = [];
  let over = false;
  const ask = ({ address, port }) => new Promise((resolve) => {
    const request = get({ host: address, port, path: "/", agent: false, timeout: 3000 }, (answer) => {
      answer.resume().once("end", () => resolve(answer.statusCode === 200));
      answer.once("error", () => resolve(false));
    });
    request.once("timeout", () => request.destroy(new Error("time-out"))).once("error", () => resolve(false));
  });
  const watch = async (endpoint) => {
    let open;
    while (!over) {
      const began = performance.now();
      if (await ask(endpoint)) open = undefined;
      else {
        open ??= outages[outages.push({ name: endpoint.name, from: began, to: began }) - 1];
        open.to = performance.now();
      }
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  };
  process.stdin.resume().once("end", () => { over = true; });
  Promise.all(endpoints.map(watch)).then(() => console.log(JSON.stringify(outages)));
`;

/** Watches from within a network namespace who does not answer, and when. */
export function watchEndpoints(netns: string, endpoints: readonly Endpoint[]): { stop(): Promise<Outage[]> } {
  const args = [`--net=${netns}`, process.execPath, "-e", prober, JSON.stringify(endpoints)];
  const child = spawn("nsenter", args, { stdio: ["pipe", "pipe", "inherit"] });
  const found = new Promise<Outage[]>((resolve, reject) => {
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    child.once("error", reject);
    child.once("close", () => resolve(JSON.parse(text)));
  });
  found.catch(() => {});
  return {
    stop() {
      child.stdin.end();
      return found;
    },
  };
}
