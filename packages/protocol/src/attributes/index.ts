/**
 * ACLs and what `--fake-super` keeps in extended attributes. Spec: docs/protocol/2-file-list.md, 2.12 to 2.14.1.
 * @module
 */
export {
  asModeLeaves,
  equalAcls,
  fullAccessAcl,
  fullDefaultAcl,
  isMinimalAcl,
  modeOfAcl,
  strippedAccessAcl,
} from "./access-control.js";
export {
  decodeFakeAcl,
  encodeFakeAcl,
  FAKE_ACCESS_ACL,
  FAKE_DEFAULT_ACL,
} from "./fake-acl.js";
export {
  FAKE_STAT,
  type FakeStat,
  formatFakeStat,
  parseFakeStat,
} from "./fake-stat.js";
export { ACCESS_ACL, DEFAULT_ACL, decodePosixAcl, encodePosixAcl } from "./posix-acl.js";
