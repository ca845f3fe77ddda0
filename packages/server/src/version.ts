/**
 * The version that the log shows. A test keeps it equal to package.json.
 * @module
 */
export const VERSION = "0.1.0";
