import { randomUUID } from "node:crypto";
import type { Container } from "dockerode";
import { execInContainer } from "./execInContainer.js";
import { RuntimeCommands, RuntimeUnreachableError } from "./runtimeCommands.js";
import { RuntimeConversation } from "./runtimeConversation.js";

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
const sayCommands = `${client}
printf '%s\\n' "$2" | talk "$1"`;
/** Answers each line that it reads as it comes, and then says the mark `$2`. */
const answerLines = `${client}
while IFS= read -r commands; do
  printf '%s\\n' "$commands" | talk "$1" || exit
  printf '%s\\n' "$2"
done`;
/** The payload is read here: what is in the command line, every process on the host may see. */
const sayFile = `${client}
{
  printf '%s <<\\n' "$2"
  while IFS= read -r line || [ -n "$line" ]; do printf '%s\\n' "$line"; done <"$3"
  echo
} | talk "$1"`;

/** HAProxy's Runtime API: a Unix socket in its container. */
export class RuntimeApi extends RuntimeCommands {
  constructor(
    private readonly container: Container,
    private readonly socket: string,
  ) {
    super();
  }

  override async ask(commands: string, signal: AbortSignal): Promise<string> {
    return this.#talk(["sh", "-c", sayCommands, "runtime-api", this.socket, commands], signal);
  }

  /**
   * The answer to a command that takes a file's lines, of a file in the container that only root may read; it has no empty lines.
   * @throws RuntimeUnreachableError
   */
  async askWithFile(command: string, file: string, signal: AbortSignal): Promise<string> {
    return this.#talk(["sh", "-c", sayFile, "runtime-api", this.socket, command, file], signal, "0");
  }

  /**
   * Work that asks more than once or twice, by one program in the container, which ends with the work.
   * @throws RuntimeUnreachableError
   */
  async conversing<T>(signal: AbortSignal, work: (api: RuntimeCommands) => Promise<T>): Promise<T> {
    const mark = randomUUID();
    const command = ["sh", "-c", answerLines, "runtime-api", this.socket, mark];
    const conversation = await RuntimeConversation.open(this.container, command, mark, signal).catch(
      unreachable,
    );
    try {
      return await work(conversation);
    } finally {
      conversation.close();
    }
  }

  async #talk(command: readonly string[], signal: AbortSignal, user?: string): Promise<string> {
    const { code, output } = await execInContainer(this.container, command, signal, user).catch(unreachable);
    if (code !== 0) throw new RuntimeUnreachableError(output.trim() || `exit code ${code}`);
    return output;
  }
}

/** What older engines say to an image without a shell. */
function unreachable(error: Error): never {
  if (!/executable file not found/.test(error.message)) throw error;
  throw new RuntimeUnreachableError("its image has no shell");
}
