/** rsync's port. */
export const DEFAULT_PORT = 873;
