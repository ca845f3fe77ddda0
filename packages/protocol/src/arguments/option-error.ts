import { UsageError } from "../errors.js";

/** A usage error that rsync prints with `rsync: ` in front of its message; a plain `UsageError` is printed bare. */
export class OptionError extends UsageError {}
