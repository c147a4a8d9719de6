import type { Readable } from "node:stream";

export interface Aux {
  readonly ID?: string;
  readonly Tag?: string;
  readonly Digest?: string;
  readonly Size?: number;
}

/** A line of what the engine tells while it builds, pulls or pushes. */
export interface Message {
  readonly stream?: string;
  readonly status?: string;
  readonly id?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly error?: string;
  readonly errorDetail?: { readonly message?: string };
  /** Text where BuildKit tells how far it is. */
  readonly aux?: Aux | string;
}

/** The messages of an answer, one JSON document a line. */
export async function* messages(answer: Readable): AsyncGenerator<Message> {
  let rest = "";
  answer.setEncoding("utf8");
  for await (const chunk of answer as AsyncIterable<string>) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.trim() !== "") yield JSON.parse(line) as Message;
  }
  if (rest.trim() !== "") yield JSON.parse(rest) as Message;
}
