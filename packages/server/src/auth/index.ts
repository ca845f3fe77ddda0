/**
 * Logins, and the users that sessions become.
 * @module
 */
export { requiresLogin } from "./auth-rules.js";
export {
  authenticate,
  checkDigestFloor,
  type LoginAttempt,
  type LoginEnvironment,
  type LoginResult,
  loginFailedLine,
} from "./authenticate.js";
export {
  type IdentityResult,
  type ModuleIdentity,
  resolveModuleIdentity,
} from "./module-identity.js";
export { splitList } from "./parameter-list.js";
export { SYSTEM_USERS, type UserDatabase } from "./user-database.js";
