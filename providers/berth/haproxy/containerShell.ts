import type { Container } from "dockerode";
import { abortable } from "../../connection/index.js";
import { type ScriptResult, ShellEndedError, ShellSession } from "./shellSession.js";

/** Whose rights a script has: those of the container's own user, or root's. */
export type ScriptUser = "own" | "root";

/**
 * Runs scripts in one running container at the cost of one program that is started in it, or two where its own user is not root:
 * starting one takes the machine as much of a processor as dozens of HAProxy's requests. Started at the first script, and again where
 * it has ended, as with the container.
 */
export class ContainerShell {
  readonly #sessions = new Map<string, Promise<ShellSession>>();
  #ownUser: Promise<string> | undefined;
  #closed = false;

  constructor(readonly container: Container) {}

  /**
   * One script at a time for each user, in order. One that is given up runs to its end.
   * @throws ShellEndedError where no shell can be had, or it ends before the script does.
   */
  async run(script: string, signal: AbortSignal, user: ScriptUser = "own"): Promise<ScriptResult> {
    signal.throwIfAborted();
    return abortable(
      this.#session(user).then((session) => session.run(script)),
      signal,
    );
  }

  /** The shells end when they have run what they were given. */
  close(): void {
    this.#closed = true;
    for (const opening of this.#sessions.values()) {
      opening.then(
        (session) => session.close(),
        () => {},
      );
    }
    this.#sessions.clear();
  }

  async #session(user: ScriptUser): Promise<ShellSession> {
    const name = user === "root" ? "0" : await this.#own();
    const last = this.#sessions.get(name);
    if (last && (await last).ended && this.#sessions.get(name) === last) this.#sessions.delete(name);
    if (this.#closed) throw new ShellEndedError("the shell in its container is closed");
    const there = this.#sessions.get(name);
    if (there) return there;
    const opening = ShellSession.open(this.container, name);
    this.#sessions.set(name, opening);
    opening.catch(() => {
      if (this.#sessions.get(name) === opening) this.#sessions.delete(name);
    });
    return opening;
  }

  #own(): Promise<string> {
    this.#ownUser ??= this.container.inspect().then(({ Config: { User } }) => {
      return /^(0|root)?(:.*)?$/.test(User ?? "") ? "0" : User;
    });
    this.#ownUser.catch(() => {
      this.#ownUser = undefined;
    });
    return this.#ownUser;
  }
}

/** Work with a shell that ends with it. */
export async function inShell<T>(
  container: Container,
  work: (shell: ContainerShell) => Promise<T>,
): Promise<T> {
  const shell = new ContainerShell(container);
  try {
    return await work(shell);
  } finally {
    shell.close();
  }
}
