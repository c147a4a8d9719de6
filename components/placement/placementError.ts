/** No placement was found; the message names the replica, what each machine lacks, and what to change. */
export class PlacementError extends Error {
  override readonly name = "PlacementError";
}
