const lineLength = 4000;
const successes = new Set(["New server registered.", "Server deleted."]);

/** The Runtime API can't be reached in this container. */
export class RuntimeUnreachableError extends Error {
  override readonly name = "RuntimeUnreachableError";
}

/** HAProxy does not do what a command says. */
export class RuntimeRefusalError extends Error {
  override readonly name = "RuntimeRefusalError";
}

/** What can be said to HAProxy's Runtime API, however it is reached. */
export abstract class RuntimeCommands {
  /**
   * The answer to one question.
   * @throws RuntimeUnreachableError
   */
  abstract ask(commands: string, signal: AbortSignal): Promise<string>;

  /**
   * Has HAProxy do something: all of the commands, the later ones also where one before is refused.
   * @throws RuntimeRefusalError with HAProxy's words.
   */
  async tell(commands: readonly string[], signal: AbortSignal): Promise<void> {
    const words = (await this.each(commands, signal)).filter((line) => !successes.has(line));
    if (words.length > 0) throw new RuntimeRefusalError(words.slice(0, 5).join(" "));
  }

  /** What HAProxy says, line by line; many commands that succeed say nothing. */
  async each(commands: readonly string[], signal: AbortSignal): Promise<string[]> {
    const answers: string[] = [];
    for (const line of lines(commands)) answers.push(...(await this.ask(line, signal)).split("\n"));
    return answers.map((line) => line.trim()).filter((line) => line !== "");
  }
}

/** Commands in as few lines as HAProxy's buffer (16 KiB, or less where it is tuned so) surely takes. */
function lines(commands: readonly string[]): string[] {
  const found: string[] = [];
  for (const command of commands) {
    const last = found.at(-1);
    if (last !== undefined && last.length + command.length < lineLength) {
      found[found.length - 1] = `${last}; ${command}`;
    } else {
      found.push(command);
    }
  }
  return found;
}
