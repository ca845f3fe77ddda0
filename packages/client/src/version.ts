/**
 * The version of this package, for people and scripts. A test keeps it equal to package.json.
 * @module
 */
export const VERSION = "0.1.0";
