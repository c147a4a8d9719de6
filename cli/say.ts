/** A line of progress, on standard error: standard output is for results. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** A mistake or a failure that the user can do something about: printed without a stack, exit status 1. */
export class UserError extends Error {
  override readonly name = "UserError";
}
