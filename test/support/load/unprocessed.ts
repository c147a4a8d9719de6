/** A request that the server has not begun with: whoever sent it may send it again. */
export class Unprocessed extends Error {}
