import { Agent, get } from "node:https";
import { createInterface } from "node:readline";
import type { TLSSocket } from "node:tls";

/**
 * Asks over one kept TLS connection, once for each line of its input: says the certificate's name, the answer, and how many
 * connections it has made until now.
 */
const port = Number(process.argv[2]);
const agent = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });
const sockets = new Set<TLSSocket>();

createInterface({ input: process.stdin }).on("line", () => {
  const request = get({ host: "127.0.0.1", port, agent }, (response) => {
    const socket = response.socket as TLSSocket;
    sockets.add(socket);
    let text = "";
    response.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    response.on("end", () => {
      const { subject } = socket.getPeerCertificate();
      console.log(`${subject.CN} ${text} connection ${sockets.size}`);
    });
  });
  request.on("error", (error: Error) => console.log(error.message));
});
process.stdin.on("end", () => process.exit());
