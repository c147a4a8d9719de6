/** The engine's own refusal: an answer with an HTTP status that means failure. */
export class EngineError extends Error {
  constructor(
    readonly statusCode: number,
    message: string,
  ) {
    super(message);
    this.name = "EngineError";
  }
}

export function isNotFound(error: unknown): boolean {
  return error instanceof EngineError && error.statusCode === 404;
}

export function isConflict(error: unknown): boolean {
  return error instanceof EngineError && error.statusCode === 409;
}

/** The value, or undefined where the engine answers that the object does not exist. Other errors, unreachable too, go on. */
export async function ifExists<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
