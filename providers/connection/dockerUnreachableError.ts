/**
 * The Docker engine could not be asked: nothing is known about the object that was looked for. Told apart from "not
 * found", which is an answer of the engine.
 */
export class DockerUnreachableError extends Error {
  constructor(
    /** The engine's address, such as `ssh://berth@10.0.0.2`. */
    readonly host: string,
    /** What went wrong, in one line. */
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`Docker at ${host} can't be reached: ${reason}`, options);
    this.name = "DockerUnreachableError";
  }
}
