import { quote } from "../engine/shell.js";
import type { ContainerShell, ScriptUser } from "./containerShell.js";
import { ShellEndedError } from "./shellSession.js";

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

/**
 * Passes what it reads to the socket `$1`, and what HAProxy answers to standard output, with what the image has: socat, or the
 * Perl that every Debian image has. HAProxy closes the connection after its last answer.
 */
const client = `
talk() {
  if command -v socat >/dev/null 2>&1; then
    socat -t 30 - "UNIX-CONNECT:$1"
  elif command -v perl >/dev/null 2>&1; then
    perl -MIO::Socket::UNIX -e '
      my $api = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die "$ARGV[0]: $!\\n";
      print $api $_ while <STDIN>;
      $api->flush;
      print while <$api>;' "$1"
  else
    echo "its image has neither socat nor perl"
    return 127
  fi
}`;

/** HAProxy's Runtime API: a Unix socket in its container. */
export class RuntimeApi {
  constructor(
    private readonly shell: ContainerShell,
    readonly socket: string,
  ) {}

  /**
   * The answer to one question.
   * @throws RuntimeUnreachableError
   */
  ask(commands: string, signal: AbortSignal): Promise<string> {
    return this.#talk(`printf '%s\\n' ${quote(commands)}`, signal);
  }

  /**
   * The answer to a command that takes a file's lines, of a file in the container that only root may read; it has no empty lines.
   * @throws RuntimeUnreachableError
   */
  askWithFile(command: string, file: string, signal: AbortSignal): Promise<string> {
    const rows = 'while IFS= read -r line || [ -n "$line" ]; do printf \'%s\\n\' "$line"; done';
    const payload = `{ printf '%s <<\\n' ${quote(command)}; ${rows} <${quote(file)}; echo; }`;
    return this.#talk(payload, signal, "root");
  }

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

  async #talk(say: string, signal: AbortSignal, user: ScriptUser = "own"): Promise<string> {
    const script = `${client}\n${say} | talk ${quote(this.socket)}`;
    const { code, output } = await this.shell.run(script, signal, user).catch((error: Error) => {
      throw error instanceof ShellEndedError ? new RuntimeUnreachableError(error.message) : error;
    });
    if (code !== 0) throw new RuntimeUnreachableError(output.trim() || `exit code ${code}`);
    return output;
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
